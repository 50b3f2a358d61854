using System.CommandLine;

namespace EnergyAspire.Benchmarks;

/// <summary>Parts of the benchmark.</summary>
internal enum Part
{
    /// <summary>The service's database work without the broker.</summary>
    Database,

    /// <summary>Draining the queue without the database.</summary>
    Broker,

    /// <summary>The service with a queue that was filled before its start.</summary>
    EndToEnd,

    /// <summary>The service while publishers run, and the time until a reading is visible.</summary>
    Live,

    /// <summary>The service with tables of millions of rows.</summary>
    Large,

    /// <summary>The service's code on two connections, with readings of registers and with energies of intervals.</summary>
    Registers,

    /// <summary>Queries for a year of hours.</summary>
    Queries,

    /// <summary>Overviews that are refreshed by many accounts.</summary>
    Dashboards,

    /// <summary>Backing up a server with tables of millions of rows, and restoring the backup.</summary>
    Backup,
}

/// <summary>Options of a benchmark run.</summary>
/// <param name="Devices">Meters of the fleet.</param>
/// <param name="Readings">Readings of one run.</param>
/// <param name="Rows">Raw rows that large tables have.</param>
/// <param name="Runs">Runs of each measurement; the median counts.</param>
/// <param name="LiveTime">How long publishers run beside the service.</param>
/// <param name="Parts">What is measured.</param>
/// <param name="Json">File for the figures; null for none.</param>
internal sealed record BenchmarkOptions(
    int Devices, int Readings, long Rows, int Runs, TimeSpan LiveTime, IReadOnlySet<Part> Parts, FileInfo? Json);

/// <summary>The command line of the benchmark.</summary>
internal static class BenchmarkCommand
{
    private static readonly Option<int> Devices = new("--devices") { Description = "Meters of the fleet.", DefaultValueFactory = _ => 10_000 };
    private static readonly Option<int> Readings = new("--readings") { Description = "Readings of one run.", DefaultValueFactory = _ => 500_000 };
    private static readonly Option<long> Rows = new("--rows") { Description = "Raw rows that large tables have.", DefaultValueFactory = _ => 20_000_000 };
    private static readonly Option<int> Runs = new("--runs") { Description = "Runs of each measurement.", DefaultValueFactory = _ => 3 };
    private static readonly Option<int> LiveSeconds = new("--live-seconds") { Description = "How long publishers run beside the service.", DefaultValueFactory = _ => 20 };
    private static readonly Option<Part[]> Only = new("--only")
    {
        Description = "Measure only these parts.",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => Enum.GetValues<Part>(),
    };
    private static readonly Option<FileInfo?> Json = new("--json") { Description = "Write the figures to this file too." };

    /// <summary>Measures and prints a table; the exit code is 1 when the totals are not exact.</summary>
    public static Task<int> InvokeAsync(string[] args, TextWriter output)
    {
        var command = new RootCommand("Measures how fast readings are taken in and questions are answered, on servers of its own, and checks the totals.");
        foreach (var option in new Option[] { Devices, Readings, Rows, Runs, LiveSeconds, Only, Json })
            command.Options.Add(option);

        command.SetAction(async (result, cancel) =>
        {
            var options = new BenchmarkOptions(
                result.GetValue(Devices), result.GetValue(Readings), result.GetValue(Rows), result.GetValue(Runs),
                TimeSpan.FromSeconds(result.GetValue(LiveSeconds)), result.GetValue(Only)!.ToHashSet(), result.GetValue(Json));
            var report = new Report(options, output);
            await Benchmark.RunAsync(options, report, cancel);
            await report.FinishAsync(cancel);

            return report.TotalsAreExact ? 0 : 1;
        });

        return command.Parse(args).InvokeAsync(new InvocationConfiguration { Output = output, Error = output });
    }
}
