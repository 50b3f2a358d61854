using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.OpenApi;

namespace EnergyAspire.Api.OpenApi;

/// <summary>
/// Describes parameters whose API name differs from the C# name. The generator of the OpenAPI document doesn't find their XML comments.
/// </summary>
public static class ParameterOpenApi
{
    /// <summary>Describes a parameter by its API name.</summary>
    /// <param name="route">Route.</param>
    /// <param name="name">API name.</param>
    /// <param name="description">Description.</param>
    /// <param name="example">Example value.</param>
    /// <param name="isRequired">Whether a request without it is refused.</param>
    public static RouteHandlerBuilder DescribeParameter(
        this RouteHandlerBuilder route, string name, string description, string example, bool isRequired = false) =>
        route.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            var parameter = operation.Parameters!.OfType<OpenApiParameter>().Single(parameter => parameter.Name == name);
            parameter.Description = description;
            parameter.Example = JsonValue.Create(example);
            parameter.Required = isRequired;

            return Task.CompletedTask;
        });
}
