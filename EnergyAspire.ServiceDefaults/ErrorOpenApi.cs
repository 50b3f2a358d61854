using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.OpenApi;

namespace EnergyAspire.ServiceDefaults;

/// <summary>
/// Describes error answers in the OpenAPI document: 401 and 403 on every route that asks for a token, 429 on every route because the
/// gateway limits the rate, problem details with an example in each, and what a status means where a route's <c>response</c> comments
/// don't say it.
/// </summary>
internal static class ErrorOpenApi
{
    private const string ProblemJson = "application/problem+json";

    private static readonly Dictionary<string, string> Meanings = new(StringComparer.Ordinal)
    {
        ["400"] = "A value is missing or wrong; errors names it as it was sent.",
        ["401"] = "There is no access token, or one that doesn't count any more.",
        ["403"] = "The token's account or service may not do this.",
        ["404"] = "There is none, or it is not the caller's to see.",
        ["409"] = "It contradicts what is there.",
        ["412"] = "It was changed since the version in If-Match.",
        ["429"] = "There were too many requests; Retry-After says when to try again.",
        ["503"] = "A part of the system is away; the same may succeed later.",
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

    /// <summary>A field that a caller of the route may get wrong.</summary>
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
        }
        : new JsonObject { ["title"] = ReasonPhrases.GetReasonPhrase(code), ["status"] = code, ["detail"] = meaning };
}
