using System.Runtime.CompilerServices;
using System.Text.Json;

namespace EnergyAspire.Monitoring.Replicas.Rebuild;

/// <summary>Where the copies of accounts come from: Identity.</summary>
public sealed class UserSource(HttpClient identity)
{
    /// <summary>Reads all accounts, page by page.</summary>
    public IAsyncEnumerable<List<UserState>> ReadUsersAsync(CancellationToken cancel) => identity.ReadPagesAsync<UserState>("/internal/users", cancel);
}

/// <summary>Where the copies of devices and mappings come from: Devices.</summary>
public sealed class DeviceSource(HttpClient devices)
{
    /// <summary>Reads all devices, page by page.</summary>
    public IAsyncEnumerable<List<DeviceState>> ReadDevicesAsync(CancellationToken cancel) => devices.ReadPagesAsync<DeviceState>("/internal/devices", cancel);

    /// <summary>Reads all mappings in force, page by page.</summary>
    public IAsyncEnumerable<List<MappingState>> ReadMappingsAsync(CancellationToken cancel) => devices.ReadPagesAsync<MappingState>("/internal/mappings", cancel);
}

/// <summary>Reading long lists of other services.</summary>
internal static class PagedSource
{
    private const int PageSize = 1000;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        // A source that leaves something out must not be taken for one that says "none".
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    /// <summary>Follows the <c>Link</c> headers from the first page to the last.</summary>
    public static async IAsyncEnumerable<List<T>> ReadPagesAsync<T>(
        this HttpClient source, string path, [EnumeratorCancellation] CancellationToken cancel)
    {
        for (var page = $"{path}?limit={PageSize}"; page is not null;)
        {
            using var answer = await source.GetAsync(new Uri(page, UriKind.Relative), cancel);
            answer.EnsureSuccessStatusCode();
            yield return await answer.Content.ReadFromJsonAsync<List<T>>(Json, cancel) ?? throw new JsonException($"{page} answered no list.");
            page = NextOf(answer);
        }
    }

    private static string? NextOf(HttpResponseMessage answer) => answer.Headers.TryGetValues("Link", out var links)
        ? links.Where(link => link.EndsWith("; rel=\"next\"", StringComparison.Ordinal))
            .Select(link => link[1..link.IndexOf('>', StringComparison.Ordinal)])
            .SingleOrDefault()
        : null;
}
