namespace EnergyAspire.Gateway.Routing;

/// <summary>The web app: the built files beside the gateway, or else the development server.</summary>
public static class WebApp
{
    private const string EntryPage = "index.html";

    /// <summary>Whether the web app's built files lie in the gateway's <c>wwwroot</c>, as they do when it is deployed.</summary>
    public static bool IsBuilt(IHostEnvironment environment) => File.Exists(Path.Combine(environment.ContentRootPath, "wwwroot", EntryPage));

    /// <summary>Serves the built files, and the entry page for the app's own routes.</summary>
    public static void MapWebApp(this WebApplication app)
    {
        if (!IsBuilt(app.Environment))
            return;

        app.UseStaticFiles();
        app.MapFallbackToFile(EntryPage);
    }
}
