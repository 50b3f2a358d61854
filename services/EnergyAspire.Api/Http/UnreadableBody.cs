using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace EnergyAspire.Api.Http;

/// <summary>Reports the field of a JSON body that couldn't be read, as a validation error.</summary>
public static class UnreadableBody
{
    /// <summary>Error message for an unknown field.</summary>
    public const string UnknownField = "This field is not known here, or can't be changed this way.";

    internal static void NameField(ProblemDetailsContext context)
    {
        if (context.Exception is BadHttpRequestException { InnerException: JsonException { Path: { } path } failure } && path.StartsWith("$.", StringComparison.Ordinal))
        {
            context.ProblemDetails.Title = "One or more validation errors occurred.";
            context.ProblemDetails.Detail = null;
            context.ProblemDetails.Extensions["errors"] = new Dictionary<string, string[]>(StringComparer.Ordinal)
            {
                [path[2..]] = [failure is UnreadableTextException ? ControlCharacters.Refusal
                    : IsUnknown(failure) ? UnknownField
                    : "This is of the wrong type, or beyond what the type can hold."],
            };
        }
    }

    /// <summary>Rejects unknown fields of requests instead of silently ignoring them.</summary>
    public static void RefuseUnknownFields(this IServiceCollection services) =>
        services.ConfigureHttpJsonOptions(options => options.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow);

    // The serializer has no exception type for an unknown field, so the message is matched.
    private static bool IsUnknown(JsonException failure) => failure.Message.Contains("could not be mapped to any .NET member", StringComparison.Ordinal);
}
