using System.CommandLine;
using System.Globalization;
using EnergyAspire.Import.Reporting;
using EnergyAspire.ServiceDefaults;
using Microsoft.Extensions.Configuration;
using Npgsql;

namespace EnergyAspire.Import;

/// <summary>Command that moves the data of the replaced Django system into this one. See <c>docs/moving-in.md</c>.</summary>
/// <remarks>A named class, because the services that this program refers to have a <c>Program</c> of their own.</remarks>
internal static class ImportProgram
{
    /// <summary>Settings that the command can't work with, or a server that doesn't answer.</summary>
    public const int CannotRun = 2;

    private static async Task<int> Main(string[] args)
    {
        var settings = new Option<FileInfo?>("--settings")
        {
            Description = "JSON file with the settings, such as ConnectionStrings. Environment variables override it. Passwords belong here and not on the command line.",
        };
        var report = new Option<FileInfo>("--report")
        {
            Description = "CSV file for the report. It contains usernames and e-mail addresses. An existing file is overwritten.",
            DefaultValueFactory = _ => new FileInfo("import-report.csv"),
        };
        var dryRun = new Option<bool>("--dry-run") { Description = "Writes nothing to the databases and reports what an import would do." };
        var command = new RootCommand($"""
            Imports accounts, profiles, devices, mappings and readings of the replaced Django system.
            It may run again: it continues, and changes nothing that it has imported before.
            Connection strings of the replaced system: {string.Join(", ", OldNames)}.
            Connection strings of this system: {string.Join(", ", Names)}.
            Exit codes: 0 everything arrived or has a stated reason, 1 something is missing without a reason, 2 the import can't run.
            """)
        {
            settings, report, dryRun,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            var configuration = new ConfigurationBuilder();
            if (parsed.GetValue(settings) is { } file)
                configuration.AddJsonFile(file.FullName, optional: false);
            configuration.AddEnvironmentVariables();
            try
            {
                return await RunAsync(configuration.Build(), parsed.GetValue(report)!, parsed.GetValue(dryRun), Console.Out, Console.Error, cancel);
            }
            catch (Exception problem) when (problem is IOException or InvalidDataException)
            {
                await Console.Error.WriteLineAsync($"The settings can't be read: {problem.Message}");
                return CannotRun;
            }
        });
        var arguments = command.Parse(args);
        var code = await arguments.InvokeAsync();

        return arguments.Errors.Count > 0 ? CannotRun : code;
    }

    /// <summary>Runs the import and returns the exit code.</summary>
    /// <param name="configuration">Connection strings, and the sections <c>Ingest</c> and <c>Site</c> as the services have them.</param>
    /// <param name="report">CSV file for the report.</param>
    /// <param name="isDryRun">Whether nothing is written to the databases.</param>
    /// <param name="output">Progress and summary.</param>
    /// <param name="errors">Why it can't run.</param>
    public static async Task<int> RunAsync(
        IConfiguration configuration, FileInfo report, bool isDryRun, TextWriter output, TextWriter errors, CancellationToken cancel)
    {
        // As the services do: numbers and dates don't depend on the language of the machine.
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        try
        {
            await using var databases = ImportDatabases.Open(ReadSettings(configuration));
            await using var written = new ImportReport(report.FullName, output);

            return await new ImportRun(databases, configuration, written, isDryRun).RunAsync(cancel) ? 0 : 1;
        }
        catch (ImportException problem)
        {
            await errors.WriteLineAsync(problem.Message);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            await errors.WriteLineAsync("Stopped. Run the import again to continue.");
        }
        catch (NpgsqlException problem)
        {
            await errors.WriteLineAsync($"A database refuses or doesn't answer: {problem.Message}. Run the import again to continue.");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            await errors.WriteLineAsync(problem.Message);
        }

        return CannotRun;
    }

    private static readonly string[] Names =
        [ResourceNames.AuthDatabase, ResourceNames.UserDatabase, ResourceNames.DeviceDatabase, ResourceNames.MonitoringDatabase];

    private static string[] OldNames => Array.ConvertAll(Names, name => $"old-{name}");

    private static Dictionary<string, string> ReadSettings(IConfiguration configuration)
    {
        var found = Names.Concat(OldNames).ToDictionary(name => name, name => Find(configuration, name), StringComparer.Ordinal);
        if (found.Where(setting => string.IsNullOrWhiteSpace(setting.Value)).Select(setting => $"ConnectionStrings:{setting.Key}").ToList() is { Count: > 0 } missing)
            throw new ImportException($"These settings are missing: {string.Join(", ", missing)}.");

        return found.ToDictionary(setting => setting.Key, setting => setting.Value!, StringComparer.Ordinal);
    }

    // Shells can't export variables with hyphens in their names.
    private static string? Find(IConfiguration configuration, string name) =>
        configuration.GetConnectionString(name) ?? configuration.GetConnectionString(name.Replace('-', '_'));
}

/// <summary>The import can't run. The message is for the operator.</summary>
/// <param name="message">Reason, as a sentence.</param>
internal sealed class ImportException(string message) : Exception(message);
