using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.OpenApi;

namespace EnergyAspire.ServiceDefaults.Lists;

/// <summary>Describes paging in the OpenAPI document.</summary>
public static class PageOpenApi
{
    /// <summary>Says what <c>limit</c> may be and that the answer may carry a <c>Link</c> header.</summary>
    public static RouteHandlerBuilder WithPaging(this RouteHandlerBuilder route) => route.AddOpenApiOperationTransformer((operation, _, _) =>
    {
        foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
        {
            if (parameter.Name == "after")
                parameter.Description = "Where the page before ended; comes from its Link header.";

            if (parameter.Name == "limit")
            {
                parameter.Description = "Most rows that the page may hold.";
                parameter.Schema = new OpenApiSchema
                {
                    Type = JsonSchemaType.Integer,
                    Format = "int32",
                    Minimum = "1",
                    Maximum = $"{PageRequest.LargestLimit}",
                    Default = JsonValue.Create(PageRequest.DefaultLimit),
                };
            }
        }

        if (operation.Responses?.GetValueOrDefault("200") is OpenApiResponse answer)
        {
            answer.Headers ??= new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal);
            answer.Headers["Link"] = new OpenApiHeader
            {
                Description = "Address of the next page with rel=\"next\"; absent on the last one.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            };
        }

        return Task.CompletedTask;
    });
}
