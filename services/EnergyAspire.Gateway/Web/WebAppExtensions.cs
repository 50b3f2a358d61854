using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;
using Microsoft.Net.Http.Headers;

namespace EnergyAspire.Gateway.Web;

/// <summary>Serves the web app: the built one if <c>wwwroot</c> holds it, else pages of the web app's own server in development.</summary>
internal static class WebAppExtensions
{
    private const string Index = "index.html";
    private const string Compressed = ".br";

    // Inline styles are allowed, because menus, dialogs and the charts' tooltips set them.
    private const string PagePolicy =
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    /// <summary>Whether there is a built app to serve.</summary>
    public static bool HasBuiltWebApp(this IWebHostEnvironment environment) => environment.WebRootFileProvider.GetFileInfo(Index).Exists;

    /// <summary>Adds compression for the app's files, and forwarding to its own server.</summary>
    public static void AddWebApp(this WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        // Compression is safe over TLS too: the files hold no secrets that their compressed size could reveal (BREACH).
        builder.Services.AddResponseCompression(options => options.EnableForHttps = true);
        builder.Services.AddSingleton<WebServer>();
    }

    /// <summary>Serves the app's files.</summary>
    public static void UseWebApp(this WebApplication app)
    {
        if (!app.Environment.HasBuiltWebApp())
            return;

        app.UseWhen(http => WebPaths.IsWebApp(http.Request.Path), pages => pages.UseResponseCompression());
        app.UseCompressedFiles(app.Environment.WebRootFileProvider);
        app.UseStaticFiles(Files);
    }

    /// <summary>
    /// Answers requests that match no endpoint and may be pages of the web app: with the built app, or with the response of its own server.
    /// </summary>
    public static void UseWebPages(this WebApplication app)
    {
        if (app.Environment.HasBuiltWebApp())
        {
            app.MapWhen(http => IsUnclaimed(http) && !WebPaths.IsFile(http.Request.Path), pages =>
            {
                pages.Use((http, next) =>
                {
                    if (!HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method))
                    {
                        http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
                        http.Response.Headers.Allow = "GET, HEAD";
                        return Task.CompletedTask;
                    }

                    http.Request.Path = $"/{Index}";
                    return next(http);
                });
                pages.UseStaticFiles(Files);
            });
        }
        else
        {
            app.MapWhen(IsUnclaimed, pages => pages.Run(pages.ApplicationServices.GetRequiredService<WebServer>().ForwardAsync));
        }

        static bool IsUnclaimed(HttpContext http) => http.GetEndpoint() is null && WebPaths.IsWebApp(http.Request.Path);
    }

    /// <summary>
    /// Serves Brotli files from the build to browsers that accept them. They are smaller than files that are compressed per request.
    /// </summary>
    private static void UseCompressedFiles(this WebApplication app, IFileProvider files) => app.Use((http, next) =>
    {
        var (request, compressed) = (http.Request, http.Request.Path.Value + Compressed);
        if (WebPaths.IsWebApp(request.Path)
            && request.GetTypedHeaders().AcceptEncoding.Any(coding => coding.Value == "br" && coding.Quality is not 0)
            && files.GetFileInfo(compressed).Exists)
        {
            request.Path = compressed;
        }

        return next(http);
    });

    private static StaticFileOptions Files => new()
    {
        ContentTypeProvider = new ContentTypes(),
        OnPrepareResponse = file =>
        {
            var headers = file.Context.Response.Headers;
            // Names of assets contain a hash of their content, so they can be cached for ever. The page that names them is revalidated.
            headers.CacheControl =
                file.Context.Request.Path.StartsWithSegments("/assets") ? "public, max-age=31536000, immutable" : "no-cache";
            if (file.File.Name == Index)
                headers.ContentSecurityPolicy = PagePolicy;
            if (file.File.Name.EndsWith(Compressed, StringComparison.Ordinal))
                (headers.ContentEncoding, headers.Vary) = ("br", HeaderNames.AcceptEncoding);
        },
    };

    /// <summary>Gives a compressed file the content type of the original.</summary>
    private sealed class ContentTypes : IContentTypeProvider
    {
        private readonly FileExtensionContentTypeProvider _types = new();

        public bool TryGetContentType(string subpath, [MaybeNullWhen(false)] out string contentType) => _types.TryGetContentType(
            subpath.EndsWith(Compressed, StringComparison.Ordinal) ? subpath[..^Compressed.Length] : subpath, out contentType);
    }
}
