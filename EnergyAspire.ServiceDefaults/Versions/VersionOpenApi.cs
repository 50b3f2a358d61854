using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.OpenApi;

namespace EnergyAspire.ServiceDefaults.Versions;

/// <summary>Describes optimistic concurrency in the OpenAPI document.</summary>
public static class VersionOpenApi
{
    /// <summary>Says that the answer carries the version in its <c>ETag</c>.</summary>
    public static RouteHandlerBuilder WithVersion(this RouteHandlerBuilder route) => route.AddOpenApiOperationTransformer((operation, _, _) =>
    {
        foreach (var answer in operation.Responses?.Where(response => response.Key is "200" or "201").Select(response => response.Value).OfType<OpenApiResponse>() ?? [])
        {
            answer.Headers ??= new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal);
            answer.Headers["ETag"] = new OpenApiHeader
            {
                Description = "Version that the answer shows; send it as If-Match to change just this one.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                Example = "\"3\"",
            };
        }

        return Task.CompletedTask;
    });

    /// <summary>Says that <c>If-Match</c> guards the change, and that 412 is the answer when it doesn't match.</summary>
    public static RouteHandlerBuilder GuardedByVersion(this RouteHandlerBuilder route) => route
        .ProducesProblem(StatusCodes.Status412PreconditionFailed)
        .AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = "If-Match",
                In = ParameterLocation.Header,
                Description = "ETag of the version that is to be changed; without it any version is.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                Example = "\"3\"",
            });

            return Task.CompletedTask;
        });
}
