namespace EnergyAspire.Gateway.Web;

/// <summary>Which paths are the web app's. Only whole segments count: <c>/apix</c> is the web app's, <c>/api/x</c> is not.</summary>
internal static class WebPaths
{
    private static readonly string[] Api = ["api", "session", "connect", ".well-known"];

    // The gateway's own, and what monitoring tools ask every process for.
    private static readonly string[] Operations = ["health", "alive", "metrics"];

    /// <summary>Whether a path belongs to the API: to a service, or to the gateway's sessions and documents.</summary>
    public static bool IsApi(PathString path) => BeginsWithAny(path, Api);

    /// <summary>Whether a path may be a page or a file of the web app.</summary>
    public static bool IsWebApp(PathString path) => !BeginsWithAny(path, Api) && !BeginsWithAny(path, Operations);

    /// <summary>Whether a path names a file, not a page.</summary>
    public static bool IsFile(PathString path) => Path.HasExtension(path.Value);

    private static bool BeginsWithAny(PathString path, string[] segments)
    {
        // The server decodes everything but %2F, which others behind the gateway may decode.
        var decoded = (path.Value ?? "").Replace("%2f", "/", StringComparison.OrdinalIgnoreCase).Replace("%5c", "/", StringComparison.OrdinalIgnoreCase);
        var first = decoded.Split(['/', '\\'], StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();

        return segments.Contains(first, StringComparer.OrdinalIgnoreCase);
    }
}
