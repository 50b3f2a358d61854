using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;
using Microsoft.Net.Http.Headers;

namespace EnergyAspire.Gateway.Web;

/// <summary>The built web app, when <c>wwwroot</c> holds one; in development the proxy passes pages on to the web app's own server.</summary>
internal static class WebAppExtensions
{
    private const string Index = "index.html";
    private const string Compressed = ".br";

    // Styles may stand in the page: menus, dialogs and the charts' hints set some of their own.
    private const string PagePolicy =
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    /// <summary>Whether there is a built app to serve.</summary>
    public static bool HasBuiltWebApp(this IWebHostEnvironment environment) => environment.WebRootFileProvider.GetFileInfo(Index).Exists;

    /// <summary>Adds compression for the app's files, and the way to its own server.</summary>
    public static void AddWebApp(this WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        // Over TLS too: the files hold no secrets that a guessed answer could reveal.
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

    /// <summary>Answers what is nobody else's and may be the web app's: with the built app, which has routes of its own, or its server's answer.</summary>
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

    /// <summary>Leads browsers that take it to what the build compressed beforehand, which is smaller than what is compressed while they wait.</summary>
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
            // The build names its files by their content; the page that names them is asked for anew.
            headers.CacheControl =
                file.Context.Request.Path.StartsWithSegments("/assets") ? "public, max-age=31536000, immutable" : "no-cache";
            if (file.File.Name == Index)
                headers.ContentSecurityPolicy = PagePolicy;
            if (file.File.Name.EndsWith(Compressed, StringComparison.Ordinal))
                (headers.ContentEncoding, headers.Vary) = ("br", HeaderNames.AcceptEncoding);
        },
    };

    /// <summary>A compressed file is of the type that it was before.</summary>
    private sealed class ContentTypes : IContentTypeProvider
    {
        private readonly FileExtensionContentTypeProvider _types = new();

        public bool TryGetContentType(string subpath, [MaybeNullWhen(false)] out string contentType) => _types.TryGetContentType(
            subpath.EndsWith(Compressed, StringComparison.Ordinal) ? subpath[..^Compressed.Length] : subpath, out contentType);
    }
}
