using EnergyAspire.ServiceDefaults.Http;

namespace EnergyAspire.Gateway.Web;

/// <summary>Which paths are the web app's.</summary>
internal static class WebPaths
{
    /// <summary>Whether a path may be a page or a file of the web app: not the API's, the gateway's own, or what monitoring tools ask every process for.</summary>
    public static bool IsWebApp(PathString path) => !ApiPaths.IsApi(path) && !ApiPaths.BeginsWithAny(path, "health", "alive", "metrics");

    /// <summary>Whether a path names a file, not a page.</summary>
    public static bool IsFile(PathString path) => Path.HasExtension(path.Value);
}
