using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.OpenApi;

namespace EnergyAspire.Api.OpenApi;

/// <summary>
/// Describes error answers in the OpenAPI document: 401 and 403 on every route that requires a token, and 429 on every route, because the gateway
/// limits the rate. Adds problem details with an example to each, and a default description where the route has no <c>response</c> comment for the
/// status.
/// </summary>
internal static class ErrorOpenApi
{
    private const string ProblemJson = "application/problem+json";

    private static readonly Dictionary<string, string> Meanings = new(StringComparer.Ordinal)
    {
        ["400"] = "A value is missing or invalid; errors names the field as it was sent.",
        ["401"] = "There is no access token, or it is invalid or expired.",
        ["403"] = "The account or service of the token is not allowed to do this.",
        ["404"] = "It does not exist, or the caller may not see it.",
        ["409"] = "The request conflicts with the current state.",
        ["412"] = "It has changed since the version in If-Match.",
        ["429"] = "There were too many requests; Retry-After contains the seconds to wait.",
        ["503"] = "A service, the database or the message broker is unavailable; a later retry may succeed.",
    };

    public static async Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancel)
    {
        operation.Responses ??= [];
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        if (metadata.OfType<IAuthorizeData>().Any() && !metadata.OfType<IAllowAnonymous>().Any())
        {
            operation.Responses.TryAdd("401", new OpenApiResponse());
            operation.Responses.TryAdd("403", new OpenApiResponse());
        }

        operation.Responses.TryAdd("429", new OpenApiResponse());

        foreach (var (status, response) in operation.Responses)
        {
            if (response is not OpenApiResponse error || !int.TryParse(status, CultureInfo.InvariantCulture, out var code) || code < 400)
                continue;

            var phrase = ReasonPhrases.GetReasonPhrase(code);
            if (string.IsNullOrEmpty(error.Description) || error.Description == phrase)
                error.Description = Meanings.GetValueOrDefault(status, phrase);
            await GiveBodyAsync(error, code, FieldOf(operation), context, cancel);
        }
    }

    /// <summary>Describes the field <c>error</c>, see <see cref="Http.Explanations"/>, and that problem details may have more fields.</summary>
    public static Task DescribeProblemAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancel)
    {
        if (!context.JsonTypeInfo.Type.IsAssignableTo(typeof(ProblemDetails)))
            return Task.CompletedTask;

        schema.AdditionalPropertiesAllowed = true;
        schema.Properties ??= new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal);
        schema.Properties["error"] = new OpenApiSchema
        {
            Type = JsonSchemaType.String,
            Description = "The detail if there is one, else the first of the errors, else the title.",
        };

        return Task.CompletedTask;
    }

    /// <summary>Returns a field of the route for the example of a validation error.</summary>
    private static string FieldOf(OpenApiOperation operation) =>
        (operation.RequestBody?.Content?.Values.FirstOrDefault()?.Example as JsonObject)?.FirstOrDefault().Key
        ?? operation.Parameters?.FirstOrDefault(parameter => parameter.In == ParameterLocation.Query)?.Name
        ?? "field";

    private static async Task GiveBodyAsync(
        OpenApiResponse error, int code, string field, OpenApiOperationTransformerContext context, CancellationToken cancel)
    {
        error.Content ??= new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal);
        if (!error.Content.TryGetValue(ProblemJson, out var body))
        {
            var schema = await context.GetOrCreateSchemaAsync(typeof(ProblemDetails), parameterDescription: null, cancel);
            context.Document!.AddComponent(nameof(ProblemDetails), schema);
            error.Content[ProblemJson] = body = new OpenApiMediaType
            {
                Schema = new OpenApiSchemaReference(nameof(ProblemDetails), context.Document),
            };
        }

        body.Example ??= ExampleOf(code, error.Description!, field);
    }

    private static JsonObject ExampleOf(int code, string meaning, string field) => code == 400
        ? new JsonObject
        {
            ["title"] = "One or more validation errors occurred.",
            ["status"] = code,
            ["errors"] = new JsonObject { [field] = new JsonArray("What is wrong with it, in a sentence.") },
            ["error"] = $"{field}: What is wrong with it, in a sentence.",
        }
        : new JsonObject { ["title"] = ReasonPhrases.GetReasonPhrase(code), ["status"] = code, ["detail"] = meaning, ["error"] = meaning };
}
