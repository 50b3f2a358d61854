using System.Text.Json;
using System.Text.Json.Serialization;
using EnergyAspire.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace EnergyAspire.ServiceDefaults;

/// <summary>Says which field of a JSON body couldn't be read, in the shape of a validation error.</summary>
public static class UnreadableBody
{
    /// <summary>What is wrong with a field that the request has no use for.</summary>
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

    /// <summary>Refuses fields that a request has no use for, instead of doing as if they had been heeded.</summary>
    public static void RefuseUnknownFields(this IServiceCollection services) =>
        services.ConfigureHttpJsonOptions(options => options.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow);

    // The serializer has no type for it; its text names the .NET type that lacks the member.
    private static bool IsUnknown(JsonException failure) => failure.Message.Contains("could not be mapped to any .NET member", StringComparison.Ordinal);
}
