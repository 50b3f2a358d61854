using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace EnergyAspire.Api.Http;

/// <summary>Validates forms and client credentials in the <c>Authorization</c> header.</summary>
public static class FormReading
{
    /// <summary>Adds middleware that rejects malformed forms, and control characters in forms and in Basic authentication.</summary>
    public static void UseReadableForms(this WebApplication app) => app.Use(async (http, next) =>
    {
        var place = BasicHoldsControlCharacters(http.Request) ? "Authorization" : null;
        if (place is null && http.Request.HasFormContentType)
        {
            try
            {
                var form = await http.Request.ReadFormAsync(http.RequestAborted);
                place = form.FirstOrDefault(field =>
                    ControlCharacters.AreIn(field.Key) || field.Value.Any(value => ControlCharacters.AreIn(value))).Key;
            }
            catch (Exception failure) when (failure is InvalidDataException or (IOException and not BadHttpRequestException))
            {
                throw new RefusedRequestException("The form can't be read.", StatusCodes.Status400BadRequest, failure);
            }
        }

        if (place is null)
            await next(http);
        else
            await TypedResults.ValidationProblem(new Dictionary<string, string[]>(StringComparer.Ordinal) { [place] = [ControlCharacters.Refusal] }).ExecuteAsync(http);
    });

    private static bool BasicHoldsControlCharacters(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        if (!header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
            return false;

        var bytes = new byte[header.Length];
        // Client id and secret are form-encoded in the header (RFC 6749, 2.3.1).
        return Convert.TryFromBase64String(header["Basic ".Length..].Trim(), bytes, out var length)
            && ControlCharacters.AreIn(Uri.UnescapeDataString(Encoding.UTF8.GetString(bytes, 0, length)));
    }
}
