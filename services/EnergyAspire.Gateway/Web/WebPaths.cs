using EnergyAspire.Api.Http;

namespace EnergyAspire.Gateway.Web;

/// <summary>Tells the paths of the web app from all others.</summary>
internal static class WebPaths
{
    /// <summary>
    /// Whether a path may be a page or a file of the web app, and not a path of the API, of the gateway, or of health checks and metrics.
    /// </summary>
    public static bool IsWebApp(PathString path) => !ApiPaths.IsApi(path) && !ApiPaths.BeginsWithAny(path, "health", "alive", "metrics");

    /// <summary>Whether a path names a file, not a page.</summary>
    public static bool IsFile(PathString path) => Path.HasExtension(path.Value);
}
