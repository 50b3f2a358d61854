using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.OpenApi;

namespace EnergyAspire.Api.Lists;

/// <summary>Describes paging in the OpenAPI document.</summary>
public static class PageOpenApi
{
    /// <summary>Describes the range of <c>limit</c> and the answer's <c>Link</c> and <c>X-Total-Count</c> headers.</summary>
    public static RouteHandlerBuilder WithPaging(this RouteHandlerBuilder route) => route.AddOpenApiOperationTransformer((operation, _, _) =>
    {
        foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
        {
            if (parameter.Name == "after")
                parameter.Description = "Key of the previous page's last row, from its Link header.";

            if (parameter.Name == "limit")
            {
                parameter.Description = "Maximum number of rows on the page.";
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
                Description = "Address of the next page with rel=\"next\"; absent on the last page.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            };
            answer.Headers[PageRequest.TotalHeader] = new OpenApiHeader
            {
                Description = "Number of rows on all pages. Absent for more than 100,000 rows, and for measurements that don't fit on one page.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32" },
            };
        }

        return Task.CompletedTask;
    });
}
