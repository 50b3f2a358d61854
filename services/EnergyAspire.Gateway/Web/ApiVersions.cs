using System.Globalization;
using Microsoft.Net.Http.Headers;

namespace EnergyAspire.Gateway.Web;

/// <summary>A version of the API.</summary>
/// <param name="Number">Number, as in <c>/api/v1</c>.</param>
/// <param name="Deprecated">Since when clients should use a newer version; null while they need not.</param>
/// <param name="Sunset">When the version will be removed; null while that isn't planned.</param>
public sealed record ApiVersion(int Number, DateTimeOffset? Deprecated = null, DateTimeOffset? Sunset = null)
{
    /// <summary>Adds the headers <c>Deprecation</c> (RFC 9745) and <c>Sunset</c> (RFC 8594) where they apply.</summary>
    public void Describe(IHeaderDictionary headers)
    {
        if (Deprecated is { } deprecated)
            headers[ApiVersions.DeprecationHeader] = string.Create(CultureInfo.InvariantCulture, $"@{deprecated.ToUnixTimeSeconds()}");
        if (Sunset is { } sunset)
            headers[ApiVersions.SunsetHeader] = HeaderUtilities.FormatDate(sunset);
    }
}

/// <summary>
/// Versions of the API. <c>/api/v1/...</c> is the same as <c>/api/...</c>, which is version 1 and stays so. A later version gets routes of its own
/// in the services.
/// </summary>
internal static class ApiVersions
{
    public const string SupportedHeader = "api-supported-versions";
    public const string DeprecationHeader = "Deprecation";
    public const string SunsetHeader = "Sunset";

    // The first is that of paths without a version.
    private static readonly ApiVersion[] Versions = [new(1)];
    private static readonly string Supported = string.Join(", ", Versions.Select(version => version.Number));

    /// <summary>
    /// Removes version 1 from paths, and tells in each answer of the API which versions there are. It must come before routing and before
    /// everything else that looks at paths.
    /// </summary>
    public static void UseApiVersions(this WebApplication app) => app.Use((http, next) =>
    {
        if (!http.Request.Path.StartsWithSegments("/api", out var api, out var rest))
            return next(http);

        var version = Versions[0];
        if (NumberOf(rest) is { } number)
        {
            if (Array.Find(Versions, other => other.Number == number) is not { } known)
            {
                http.Response.Headers[SupportedHeader] = Supported;
                return Problems.WriteAsync(
                    http, StatusCodes.Status404NotFound, "There is no such version of the API.", $"Supported versions: {Supported}.");
            }

            version = known;
            if (version == Versions[0])
            {
                var end = rest.Value!.IndexOf('/', 1);
                http.Request.Path = api + (end < 0 ? "" : rest.Value[end..]);
            }
        }

        http.Response.OnStarting(() =>
        {
            http.Response.Headers[SupportedHeader] = Supported;
            version.Describe(http.Response.Headers);
            return Task.CompletedTask;
        });

        return next(http);
    });

    /// <summary>The number in the first segment of a path, such as 1 of <c>/v1/devices</c>; null when it is no version.</summary>
    private static int? NumberOf(PathString path) =>
        path.Value is ['/', 'v' or 'V', ..] text
        && int.TryParse(text[2..].Split('/')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
