using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.OpenApi;

namespace EnergyAspire.ServiceDefaults.Lists;

/// <summary>Describes paging in the OpenAPI document.</summary>
public static class PageOpenApi
{
    /// <summary>Says what <c>limit</c> may be and that the answer carries <c>Link</c> and <c>X-Total-Count</c> headers.</summary>
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
            answer.Headers[PageRequest.TotalHeader] = new OpenApiHeader
            {
                Description = "Rows of the whole list, on all pages. Absent when counting them would take long: beyond 100,000, or measurements that don't fit on one page.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32" },
            };
        }

        return Task.CompletedTask;
    });
}
