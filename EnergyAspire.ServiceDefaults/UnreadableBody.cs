using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace EnergyAspire.ServiceDefaults;

/// <summary>Says which field of a JSON body couldn't be read, in the shape of a validation error.</summary>
internal static class UnreadableBody
{
    public static void NameField(ProblemDetailsContext context)
    {
        if (context.Exception is BadHttpRequestException { InnerException: JsonException { Path: { } path } } && path.StartsWith("$.", StringComparison.Ordinal))
        {
            context.ProblemDetails.Title = "One or more validation errors occurred.";
            context.ProblemDetails.Detail = null;
            context.ProblemDetails.Extensions["errors"] = new Dictionary<string, string[]>(StringComparer.Ordinal)
            {
                [path[2..]] = ["This is no field of the request, of the wrong type, or beyond what the type can hold."],
            };
        }
    }
}
