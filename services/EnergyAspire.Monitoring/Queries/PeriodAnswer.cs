using System.Buffers.Text;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace EnergyAspire.Monitoring.Queries;

/// <summary>What a query found for a period, as JSON or, by <c>format</c> or <c>Accept</c>, as CSV.</summary>
/// <typeparam name="TBody">What the JSON says.</typeparam>
/// <param name="body">Body of the JSON.</param>
/// <param name="csv">Lines of the CSV, the header first.</param>
/// <param name="fileName">What the CSV is saved as.</param>
/// <param name="isPast">Whether the period is over: callers may then keep the answer and ask whether it still holds.</param>
/// <remarks>
/// The ETag is a hash of the bytes that are sent. So it is strong, and changes with whatever changes them: late readings, the
/// device's zone, interval or name, and the form of the answer itself.
/// </remarks>
public sealed class PeriodAnswer<TBody>(object body, IEnumerable<string> csv, string fileName, bool isPast) : IResult, IEndpointMetadataProvider
{
    private const int HashBytes = 16;

    /// <inheritdoc />
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var prefersCsv = httpContext.Request.PrefersCsv();
        var bytes = prefersCsv ? Encoding.UTF8.GetBytes(string.Concat(csv)) : ToJson(httpContext);

        var headers = httpContext.Response.Headers;
        headers.Append(HeaderNames.Vary, HeaderNames.Accept);
        headers.CacheControl = isPast ? "private, no-cache" : "no-store";

        await TypedResults.Bytes(
            bytes, prefersCsv ? Csv.MediaType : "application/json; charset=utf-8", prefersCsv ? fileName : null,
            entityTag: isPast ? TagOf(bytes, headers) : null)
            .ExecuteAsync(httpContext);
    }

    /// <inheritdoc />
    static void IEndpointMetadataProvider.PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(TBody), ["application/json", "text/csv"]));

    private byte[] ToJson(HttpContext http) => JsonSerializer.SerializeToUtf8Bytes(
        body, http.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions);

    private static EntityTagHeaderValue TagOf(byte[] bytes, IHeaderDictionary headers)
    {
        // Where the next page is belongs to what the caller keeps.
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(bytes);
        hash.AppendData(Encoding.UTF8.GetBytes(headers.Link.ToString()));

        return new EntityTagHeaderValue($"\"{Base64Url.EncodeToString(hash.GetHashAndReset().AsSpan(0, HashBytes))}\"");
    }
}
