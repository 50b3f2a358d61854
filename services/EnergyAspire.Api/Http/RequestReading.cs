using System.Buffers;
using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace EnergyAspire.Api.Http;

/// <summary>
/// Middleware that normalizes or rejects requests before all others: HEAD becomes GET, names of charsets are normalized, compressed bodies are
/// decoded, and control characters in paths and queries are rejected. Answers of the API get <c>Cache-Control: no-store</c> unless they set another
/// value.
/// </summary>
internal sealed class RequestReading(RequestDelegate next)
{
    /// <summary>Most bytes of a decompressed body. It protects the memory against decompression bombs.</summary>
    public const int LongestDecodedBody = 4 * 1024 * 1024;

    private static readonly Dictionary<string, string> OtherSpellings = new(StringComparer.OrdinalIgnoreCase)
    {
        ["utf8"] = "utf-8",
        ["utf16"] = "utf-16",
        ["latin1"] = "iso-8859-1",
        ["iso8859-1"] = "iso-8859-1",
        ["ascii"] = "us-ascii",
    };

    public async Task InvokeAsync(HttpContext http)
    {
        http.Response.OnStarting(KeepPrivate, http);

        if (FindControlCharacters(http.Request) is { } place)
        {
            await TypedResults.ValidationProblem(new Dictionary<string, string[]>(StringComparer.Ordinal) { [place] = [ControlCharacters.Refusal] }).ExecuteAsync(http);
            return;
        }

        NormalizeCharset(http.Request);
        await DecodeAsync(http.Request);

        // HEAD is handled as GET. The server sends no body in answer to HEAD.
        if (HttpMethods.IsHead(http.Request.Method))
        {
            http.Features.Set(new HeadRequest());
            http.Request.Method = HttpMethods.Get;
        }

        await next(http);
    }

    private static Task KeepPrivate(object state)
    {
        var (request, headers) = (((HttpContext)state).Request, ((HttpContext)state).Response.Headers);
        // The documentation page is public, so it may be cached.
        if (headers.CacheControl.Count == 0 && ApiPaths.IsApi(request.Path) && !request.Path.StartsWithSegments("/api/docs"))
            headers.CacheControl = "no-store";

        return Task.CompletedTask;
    }

    /// <returns><c>path</c> or the name of the query parameter with a control character; null when there is none.</returns>
    private static string? FindControlCharacters(HttpRequest request) =>
        ControlCharacters.AreIn(request.Path.Value) ? "path"
        : request.Query.FirstOrDefault(parameter =>
            ControlCharacters.AreIn(parameter.Key) || parameter.Value.Any(value => ControlCharacters.AreIn(value))).Key;

    private static void NormalizeCharset(HttpRequest request)
    {
        if (request.ContentType is not { } sent || !MediaTypeHeaderValue.TryParse(sent, out var type)
            || type.Parameters.FirstOrDefault(parameter => parameter.Name.Equals("charset", StringComparison.OrdinalIgnoreCase)) is not { } parameter)
        {
            // An empty charset can't be parsed. It has no meaning, so it is removed.
            if (request.ContentType?.IndexOf("charset=", StringComparison.OrdinalIgnoreCase) is > 0 and var at
                && string.IsNullOrWhiteSpace(request.ContentType[(at + "charset=".Length)..].Trim('"', ';')))
                request.ContentType = request.ContentType[..at].TrimEnd(' ', ';');
            return;
        }

        var name = HeaderUtilities.RemoveQuotes(parameter.Value).Trim().ToString();
        name = OtherSpellings.GetValueOrDefault(name, name);
        try
        {
            type.Charset = name.Length == 0 ? StringSegment.Empty : Encoding.GetEncoding(name).WebName;
        }
        catch (Exception failure) when (failure is ArgumentException or NotSupportedException)
        {
            throw new RefusedRequestException($"The charset '{name}' is not known.", StatusCodes.Status415UnsupportedMediaType, failure);
        }

        request.ContentType = type.ToString();
    }

    /// <summary>Decodes the whole body in advance, so that an invalid one is rejected here and its length is known when it is forwarded.</summary>
    private static async Task DecodeAsync(HttpRequest request)
    {
        var codings = request.Headers.ContentEncoding.SelectMany(value => (value ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .Where(coding => !coding.Equals("identity", StringComparison.OrdinalIgnoreCase)).ToList();
        if (codings.Count == 0)
            return;

        try
        {
            await using var decoder = codings is [var coding] ? Decoder(coding, request.Body) : null;
            if (decoder is null)
                throw new RefusedRequestException("The body's encoding is not known; gzip, br and deflate are.", StatusCodes.Status415UnsupportedMediaType);

            var body = new MemoryStream();
            request.HttpContext.Response.RegisterForDispose(body);
            await CopyAsync(decoder, body, request.HttpContext.RequestAborted);
            body.Position = 0;
            request.Body = body;
            request.ContentLength = body.Length;
            request.Headers.Remove(HeaderNames.TransferEncoding);
            request.Headers.Remove(HeaderNames.ContentEncoding);
            request.HttpContext.Features.Set<IHttpRequestBodyDetectionFeature>(new DecodedBody(body.Length > 0));
        }
        catch (Exception failure) when (failure is InvalidDataException or InvalidOperationException)
        {
            throw new RefusedRequestException("The body is not encoded as it says.", StatusCodes.Status400BadRequest, failure);
        }
    }

    private static Stream? Decoder(string coding, Stream body) => coding.ToLowerInvariant() switch
    {
        "gzip" or "x-gzip" => new GZipStream(body, CompressionMode.Decompress, leaveOpen: true),
        "br" => new BrotliStream(body, CompressionMode.Decompress, leaveOpen: true),
        "deflate" => new ZLibStream(body, CompressionMode.Decompress, leaveOpen: true),
        _ => null,
    };

    private static async Task CopyAsync(Stream from, MemoryStream to, CancellationToken cancel)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
        try
        {
            while (await from.ReadAsync(buffer, cancel) is > 0 and var read)
            {
                if (to.Length + read > LongestDecodedBody)
                    throw new RefusedRequestException("The decoded body is too long.", StatusCodes.Status413PayloadTooLarge);
                to.Write(buffer, 0, read);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private sealed record DecodedBody(bool CanHaveBody) : IHttpRequestBodyDetectionFeature;
}

/// <summary>Thrown for a request that can't be read. The message is sent to the caller.</summary>
/// <param name="message">Why, as a sentence.</param>
/// <param name="status">Status of the answer, 400 to 499.</param>
/// <param name="cause">Inner exception.</param>
public sealed class RefusedRequestException(string message, int status, Exception? cause = null) : BadHttpRequestException(message, status, cause!);

/// <summary>Request feature that marks a GET that arrived as HEAD.</summary>
public sealed record HeadRequest;
