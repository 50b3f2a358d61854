using Microsoft.AspNetCore.Http;

namespace EnergyAspire.ServiceDefaults.Http;

/// <summary>The API's paths, as the gateway and the services see them. Only whole segments count: <c>/apix</c> is none.</summary>
public static class ApiPaths
{
    private static readonly string[] FirstSegments = ["api", "session", "connect", ".well-known"];

    /// <summary>Whether a path belongs to the API: to a service, or to the gateway's sessions and documents.</summary>
    public static bool IsApi(PathString path) => BeginsWithAny(path, FirstSegments);

    /// <summary>Whether the first segment of a path is one of these, decoded or not.</summary>
    public static bool BeginsWithAny(PathString path, params IEnumerable<string> segments)
    {
        // The server decodes everything but %2F, which others behind the gateway may decode.
        var decoded = (path.Value ?? "").Replace("%2f", "/", StringComparison.OrdinalIgnoreCase).Replace("%5c", "/", StringComparison.OrdinalIgnoreCase);
        var first = decoded.Split(['/', '\\'], StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();

        return segments.Contains(first, StringComparer.OrdinalIgnoreCase);
    }
}
