using EnergyAspire.Data.Audit;
using EnergyAspire.Data.Imports;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EnergyAspire.Monitoring.Imports;

/// <summary>Endpoints that import historic readings from CSV files.</summary>
public static class ReadingImportEndpoints
{
    private const string Example = "device_id,timestamp,measurement_value\n00000000-0000-7000-8000-0000000000d1,2026-03-29T00:50:00Z,0.231\n";

    /// <summary>Maps <c>/api/monitoring/readings/import</c>.</summary>
    public static void MapReadingImport(this IEndpointRouteBuilder routes)
    {
        var import = routes.MapGroup("/api/monitoring/readings/import").WithTags("Measurements").RequireAuthorization(Policies.Admin);

        import.MapPost("/", ImportReadings).TakesCsv(Example);
        import.MapGet("/template", GetReadingTemplate).ReturnsCsv(Example);
    }

    /// <summary>Imports readings from a CSV file, with the same checks as readings of meters.</summary>
    /// <remarks>
    /// The columns are the fields of a message, in any order: <c>device_id</c>, the id of the device, or of its meter at that time; <c>timestamp</c>, in
    /// RFC 3339 with an offset; <c>measurement_value</c>, the energy of the interval that starts then, or <c>register_value</c>, both in kWh. A CSV export
    /// of readings can be imported too. The file is UTF-8, separated by commas, semicolons or tabs, with at most 5,000 lines and 4 MiB. A line that isn't
    /// accepted fails: it is neither stored nor in quarantine nor in the ledger. Other lines are stored. A register reading that doesn't continue from
    /// the one before is put into quarantine, because later readings or an admin can make clear what happened. A file that is imported again is all
    /// duplicates, so one that was interrupted is sent again.
    /// </remarks>
    /// <param name="preview"><c>true</c> to check everything and write nothing.</param>
    /// <response code="200">What was done with each line, or would be done; lines that failed have the result <c>failed</c>.</response>
    /// <response code="400">It is no such file, or a column is unknown, repeated or missing; <c>detail</c> says what.</response>
    /// <response code="413">The file is too long.</response>
    /// <response code="415">The body isn't <c>text/csv</c>, or not in UTF-8.</response>
    public static async Task<Results<Ok<ReadingImportAnswer>, ValidationProblem>> ImportReadings(
        string? preview, HttpRequest request, MonitoringDbContext db, CancellationToken cancel)
    {
        if (ImportRoutes.ReadPreview(preview, out var isPreview) is { } problem)
            return problem;

        var file = await ImportFile.ReadAsync(request, ReadingColumns.All, ReadingColumns.NameOf, cancel);
        file.Require([ReadingColumns.DeviceId], "It names the device or its meter.");
        file.Require([ReadingColumns.Timestamp], "It says when the interval started, or when the register was read.");
        file.Require([ReadingColumns.MeasurementValue, ReadingColumns.RegisterValue], "It has the energy in kWh.");

        var import = ActivatorUtilities.CreateInstance<ReadingImport>(request.HttpContext.RequestServices);

        return TypedResults.Ok(ReadingImportAnswer.Of(isPreview, await import.RunAsync(db, file.Rows, isPreview, request.HttpContext.Actor(), cancel)));
    }

    /// <summary>Returns a CSV file with the header of an import of readings, an example of an interval and one of a register.</summary>
    /// <response code="200">The file.</response>
    public static FileContentHttpResult GetReadingTemplate() => ImportRoutes.Template(
        ImportFile.Template(
            ReadingColumns.All,
            "00000000-0000-7000-8000-0000000000d1,2026-03-29T00:50:00Z,0.231,", "00000000-0000-7000-8000-0000000000d2,2026-03-29T02:50:00+02:00,,12345.678"),
        "readings.csv");
}
