using EnergyAspire.Data.Imports;
using EnergyAspire.Devices.Data;
using EnergyAspire.Devices.Devices;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace EnergyAspire.Devices.Imports;

/// <summary>Endpoints that import devices from CSV files.</summary>
public static class ImportEndpoints
{
    private const string Example = "external_id,name,max_consumption,time_zone,username\nHP-0017,Heat pump,3.0,Europe/Berlin,alice\n";

    /// <summary>Maps <c>/api/devices/import</c>.</summary>
    public static void MapImport(this IEndpointRouteBuilder routes)
    {
        var import = routes.MapGroup("/api/devices/import").WithTags("Devices").RequireAuthorization(Policies.Admin);

        import.MapPost("/", ImportDevices).TakesCsv(Example);
        import.MapGet("/template", GetImportTemplate).ReturnsCsv(Example);
    }

    /// <summary>Imports devices with their users from a CSV file, each line completely or not at all.</summary>
    /// <remarks>
    /// A device is found by its <c>external_id</c>; one that isn't there is registered. The other columns are those of a device, in any order, and
    /// <c>username</c>: users whom the device is assigned to, separated by spaces or <c>|</c>. Nobody loses a device. An empty cell keeps the value of a
    /// device, and is the default of a new one. <c>tariff</c> is the name or the id of the tariff that a device has from <c>tariff_from</c> on, a date at its
    /// site; without a date a device that has no tariffs yet has it from the beginning. <c>id</c> is only for new devices. So a file that is imported again changes nothing. The file is UTF-8,
    /// separated by commas, semicolons or tabs, with at most 5,000 lines and 4 MiB. A line is changed as by the requests for one device, with the same
    /// events, and with one audit record for all that it changes of the device. A line that fails doesn't keep the others from being imported. If the request is interrupted, lines that were imported
    /// stay; import the file again.
    /// </remarks>
    /// <param name="preview"><c>true</c> to check everything and write nothing.</param>
    /// <response code="200">What was done with each line, or would be done; lines that failed have the result <c>failed</c>.</response>
    /// <response code="400">It is no such file, or a column is unknown, repeated or missing; <c>detail</c> says what.</response>
    /// <response code="413">The file is too long.</response>
    /// <response code="415">The body isn't <c>text/csv</c>, or not in UTF-8.</response>
    public static async Task<Results<Ok<ImportAnswer>, ValidationProblem>> ImportDevices(
        string? preview, HttpRequest http, Work work, IOptions<SiteOptions> site, TimeProvider time, CancellationToken cancel)
    {
        if (ImportRoutes.ReadPreview(preview, out var isPreview) is { } problem)
            return problem;

        var file = await ImportFile.ReadAsync(http, Columns.All, nameOf: null, cancel);
        file.Require([Columns.ExternalId], "By it the same device is found when the file is imported again.");
        var lines = file.Rows.Select(row => new ImportLine(row)).ToList();

        return TypedResults.Ok(ImportAnswer.Of(isPreview, await new DeviceImport(work, site.Value, time).RunAsync(lines, isPreview, cancel)));
    }

    /// <summary>Returns a CSV file with the header of an import and an example.</summary>
    /// <response code="200">The file.</response>
    public static FileContentHttpResult GetImportTemplate() => ImportRoutes.Template(
        ImportFile.Template(Columns.All, "HP-0017,Heat pump,In the cellar,3.0,0.32,Europe/Berlin,600,,consumption,,,,alice"), "devices.csv");
}
