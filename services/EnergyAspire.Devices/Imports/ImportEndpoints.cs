using EnergyAspire.Devices.Data;
using EnergyAspire.Devices.Devices;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;

namespace EnergyAspire.Devices.Imports;

/// <summary>Endpoints that import devices from CSV files.</summary>
public static class ImportEndpoints
{
    private const string Csv = "text/csv";

    /// <summary>Maps <c>/api/devices/import</c>.</summary>
    public static void MapImport(this IEndpointRouteBuilder routes)
    {
        var import = routes.MapGroup("/api/devices/import").WithTags("Devices").RequireAuthorization(Policies.Admin);

        import.MapPost("/", ImportDevices)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
            .AddOpenApiOperationTransformer((operation, _, _) =>
            {
                operation.RequestBody = new OpenApiRequestBody { Description = "The file.", Required = true, Content = CsvContent() };
                return Task.CompletedTask;
            });
        import.MapGet("/template", GetImportTemplate)
            .AddOpenApiOperationTransformer((operation, _, _) =>
            {
                ((OpenApiResponse)operation.Responses!["200"]).Content = CsvContent();
                return Task.CompletedTask;
            });
    }

    /// <summary>Imports devices with their users from a CSV file, each line completely or not at all.</summary>
    /// <remarks>
    /// A device is found by its <c>external_id</c>; one that isn't there is registered. The other columns are those of a device, in any order, and
    /// <c>username</c>: users whom the device is assigned to, separated by spaces or <c>|</c>. Nobody loses a device. An empty cell keeps the value of a
    /// device, and is the default of a new one. <c>id</c> is only for new devices. So a file that is imported again changes nothing. The file is UTF-8,
    /// separated by commas, semicolons or tabs, with at most 5,000 lines and 4 MiB. A line is changed as by the requests for one device, with the same
    /// events and audit records. A line that fails doesn't keep the others from being imported. If the request is interrupted, lines that were imported
    /// stay; import the file again.
    /// </remarks>
    /// <param name="preview"><c>true</c> to check everything and write nothing.</param>
    /// <response code="200">What was done with each line, or would be done; lines that failed have the result <c>failed</c>.</response>
    /// <response code="400">It is no such file, or a column is unknown, repeated or missing; <c>detail</c> says what.</response>
    /// <response code="413">The file is too long.</response>
    /// <response code="415">The body isn't <c>text/csv</c>, or not in UTF-8.</response>
    public static async Task<Results<Ok<ImportAnswer>, ValidationProblem, ProblemHttpResult>> ImportDevices(
        string? preview, HttpRequest http, Work work, IOptions<SiteOptions> site, TimeProvider time, CancellationToken cancel)
    {
        if (preview is not (null or "true" or "false"))
            return TypedResults.ValidationProblem(new Dictionary<string, string[]>(StringComparer.Ordinal) { ["preview"] = ["preview must be true or false."] });
        if (!MediaTypeHeaderValue.TryParse(http.ContentType, out var type) || !type.MediaType.Equals(Csv, StringComparison.OrdinalIgnoreCase) || type.Charset.Value is not (null or "utf-8"))
            return TypedResults.Problem("The body must be text/csv in UTF-8.", statusCode: StatusCodes.Status415UnsupportedMediaType);

        var lines = await ImportFile.ReadAsync(http.Body, cancel);
        var isPreview = preview == "true";

        return TypedResults.Ok(ImportAnswer.Of(isPreview, await new DeviceImport(work, site.Value, time).RunAsync(lines, isPreview, cancel)));
    }

    /// <summary>Returns a CSV file with the header of an import and an example.</summary>
    /// <response code="200">The file.</response>
    public static FileContentHttpResult GetImportTemplate() => TypedResults.File(ImportFile.Template, $"{Csv}; charset=utf-8", "devices.csv");

    private static Dictionary<string, OpenApiMediaType> CsvContent() => new(StringComparer.Ordinal)
    {
        [Csv] = new OpenApiMediaType
        {
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            Example = "external_id,name,max_consumption,time_zone,username\nHP-0017,Heat pump,3.0,Europe/Berlin,alice\n",
        },
    };
}
