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

/// <summary>Answer to a query for a period: JSON, or CSV when <c>format</c> or <c>Accept</c> asks for it.</summary>
/// <typeparam name="TBody">Type of the JSON body.</typeparam>
/// <param name="body">Body of the JSON.</param>
/// <param name="csv">Lines of the CSV, the header first.</param>
/// <param name="fileName">File name of the CSV.</param>
/// <param name="isPast">Whether the period is over. Then callers may cache the answer and revalidate it with its ETag.</param>
/// <remarks>
/// The ETag is a hash of the bytes that are sent. So it is a strong one and changes with every change of the answer: late readings, the device's
/// zone, interval or name, and the format.
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
        // The Link header is part of the cached answer, so it is hashed too.
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(bytes);
        hash.AppendData(Encoding.UTF8.GetBytes(headers.Link.ToString()));

        return new EntityTagHeaderValue($"\"{Base64Url.EncodeToString(hash.GetHashAndReset().AsSpan(0, HashBytes))}\"");
    }
}
