namespace EnergyAspire.Gateway.Web;

/// <summary>The built web app, when <c>wwwroot</c> holds one; in development the proxy passes pages on to the web app's own server.</summary>
internal static class WebAppExtensions
{
    private const string Index = "index.html";

    private static readonly string[] ApiPaths = ["/api", "/session", "/connect", "/.well-known"];

    /// <summary>Whether a path belongs to the API, not to the web app.</summary>
    public static bool IsApi(PathString path) => Array.Exists(ApiPaths, api => path.StartsWithSegments(api));

    /// <summary>Whether there is a built app to serve.</summary>
    public static bool HasBuiltWebApp(this IWebHostEnvironment environment) => environment.WebRootFileProvider.GetFileInfo(Index).Exists;

    /// <summary>Adds compression for the app's files.</summary>
    public static void AddWebApp(this WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        // Over TLS too: the files hold no secrets that a guessed answer could reveal.
        builder.Services.AddResponseCompression(options => options.EnableForHttps = true);
    }

    /// <summary>Serves the app's files.</summary>
    public static void UseWebApp(this WebApplication app)
    {
        if (!app.Environment.HasBuiltWebApp())
            return;

        app.UseWhen(http => !IsApi(http.Request.Path), pages => pages.UseResponseCompression());
        app.UseStaticFiles(Files);
    }

    /// <summary>Answers any other page with the app, which has routes of its own.</summary>
    public static void MapWebApp(this WebApplication app)
    {
        if (app.Environment.HasBuiltWebApp())
            app.MapFallbackToFile(Index, Files);
    }

    private static StaticFileOptions Files => new()
    {
        OnPrepareResponse = file =>
            // The build names its files by their content; the page that names them is asked for anew.
            file.Context.Response.Headers.CacheControl =
                file.Context.Request.Path.StartsWithSegments("/assets") ? "public, max-age=31536000, immutable" : "no-cache",
    };
}
