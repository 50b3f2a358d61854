using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.OpenApi;

namespace EnergyAspire.Data.Imports;

/// <summary>Common parts of the endpoints that import files.</summary>
public static class ImportRoutes
{
    /// <summary>Describes an endpoint whose body is a CSV file.</summary>
    /// <param name="route">Endpoint that calls <see cref="ImportFile.ReadAsync"/>.</param>
    /// <param name="example">Lines of a file.</param>
    public static RouteHandlerBuilder TakesCsv(this RouteHandlerBuilder route, string example) => route
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
        .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
        .AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.RequestBody = new OpenApiRequestBody { Description = "The file.", Required = true, Content = Csv(example) };
            return Task.CompletedTask;
        });

    /// <summary>Describes an endpoint that returns a template made by <see cref="Template"/>.</summary>
    /// <param name="route">The endpoint.</param>
    /// <param name="example">Lines of a file.</param>
    public static RouteHandlerBuilder ReturnsCsv(this RouteHandlerBuilder route, string example) => route
        .AddOpenApiOperationTransformer((operation, _, _) =>
        {
            ((OpenApiResponse)operation.Responses!["200"]).Content = Csv(example);
            return Task.CompletedTask;
        });

    /// <summary>Returns a template as a file to download.</summary>
    public static FileContentHttpResult Template(byte[] content, string name) => TypedResults.File(content, $"{ImportFile.MediaType}; charset=utf-8", name);

    /// <summary>Reads the parameter <c>preview</c>; returns the problem when it is neither <c>true</c> nor <c>false</c>.</summary>
    public static ValidationProblem? ReadPreview(string? preview, out bool isPreview)
    {
        isPreview = preview == "true";
        return preview is null or "true" or "false"
            ? null
            : TypedResults.ValidationProblem(new Dictionary<string, string[]>(StringComparer.Ordinal) { ["preview"] = ["preview must be true or false."] });
    }

    private static Dictionary<string, OpenApiMediaType> Csv(string example) => new(StringComparer.Ordinal)
    {
        [ImportFile.MediaType] = new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String }, Example = example },
    };
}
