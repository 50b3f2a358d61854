using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.OpenApi;

namespace EnergyAspire.ServiceDefaults;

/// <summary>Parameters in the OpenAPI document; its generator finds no comments of those that have another name on the wire.</summary>
public static class ParameterOpenApi
{
    /// <summary>Describes a parameter by its name on the wire.</summary>
    /// <param name="route">Route.</param>
    /// <param name="name">Name on the wire.</param>
    /// <param name="description">What it is.</param>
    /// <param name="example">A value of it.</param>
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
