using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Net.Http.Headers;

namespace EnergyAspire.Api.Lists;

/// <summary>Reads paged lists of other services.</summary>
public static class PageReader
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        // A missing field is an error and must not be read as null.
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    /// <summary>
    /// Reads a list page by page, following the <c>Link</c> headers; the next page is requested after the caller has processed the previous one.
    /// </summary>
    /// <param name="path">Path of the list.</param>
    /// <exception cref="HttpRequestException">A page couldn't be read, so the list is incomplete.</exception>
    /// <exception cref="JsonException">A page is not a list of such rows.</exception>
    public static async IAsyncEnumerable<List<TRow>> ReadPagesAsync<TRow>(
        this HttpClient http, string path, [EnumeratorCancellation] CancellationToken cancel)
    {
        for (var next = path; next is not null;)
        {
            using var response = await http.GetAsync(new Uri(next, UriKind.Relative), cancel);
            response.EnsureSuccessStatusCode();
            yield return await response.Content.ReadFromJsonAsync<List<TRow>>(Json, cancel) ?? throw new JsonException($"{next} answered no list.");

            next = response.Headers.TryGetValues(HeaderNames.Link, out var links) ? NextOf(links) : null;
        }
    }

    private static string? NextOf(IEnumerable<string> links) =>
        links.FirstOrDefault(link => link.EndsWith("; rel=\"next\"", StringComparison.Ordinal)) is { } link
            ? link[(link.IndexOf('<', StringComparison.Ordinal) + 1)..link.IndexOf('>', StringComparison.Ordinal)]
            : null;
}
