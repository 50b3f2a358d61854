using Microsoft.AspNetCore.Http;

namespace EnergyAspire.Api.Http;

/// <summary>The API's paths, as the gateway and the services see them. Only whole segments match: <c>/apix</c> is not a path of the API.</summary>
public static class ApiPaths
{
    private static readonly string[] FirstSegments = ["api", "session", "connect", ".well-known"];

    /// <summary>Whether a path belongs to the API: to a service, or to the gateway's sessions and documents.</summary>
    public static bool IsApi(PathString path) => BeginsWithAny(path, FirstSegments);

    /// <summary>Whether the first segment of a path, decoded or not, is one of these.</summary>
    public static bool BeginsWithAny(PathString path, params IEnumerable<string> segments)
    {
        // The server leaves %2F encoded, but a server behind the gateway may decode it.
        var decoded = (path.Value ?? "").Replace("%2f", "/", StringComparison.OrdinalIgnoreCase).Replace("%5c", "/", StringComparison.OrdinalIgnoreCase);
        var first = decoded.Split(['/', '\\'], StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();

        return segments.Contains(first, StringComparer.OrdinalIgnoreCase);
    }
}
