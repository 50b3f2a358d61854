using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.OpenApi;

namespace EnergyAspire.Api.Versions;

/// <summary>Describes optimistic concurrency in the OpenAPI document.</summary>
public static class VersionOpenApi
{
    /// <summary>Documents the version in the answer's <c>ETag</c>.</summary>
    public static RouteHandlerBuilder WithVersion(this RouteHandlerBuilder route) => route.AddOpenApiOperationTransformer((operation, _, _) =>
    {
        foreach (var answer in operation.Responses?.Where(response => response.Key is "200" or "201").Select(response => response.Value).OfType<OpenApiResponse>() ?? [])
        {
            answer.Headers ??= new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal);
            answer.Headers["ETag"] = new OpenApiHeader
            {
                Description = "Version of the response. Send it as If-Match to change only this version.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                Example = "\"3\"",
            };
        }

        return Task.CompletedTask;
    });

    /// <summary>Documents <c>If-Match</c>, and 412 for a version that doesn't match.</summary>
    public static RouteHandlerBuilder GuardedByVersion(this RouteHandlerBuilder route) => route
        .ProducesProblem(StatusCodes.Status412PreconditionFailed)
        .AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = "If-Match",
                In = ParameterLocation.Header,
                Description = "ETag of the version to change. Without it, any version is changed.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                Example = "\"3\"",
            });

            return Task.CompletedTask;
        });
}
