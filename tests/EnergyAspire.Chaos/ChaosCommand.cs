using System.CommandLine;

namespace EnergyAspire.Chaos;

/// <summary>How much is done and destroyed.</summary>
/// <param name="Devices">Meters of the fleet.</param>
/// <param name="Days">Simulated days, among them one on which clocks change.</param>
/// <param name="Kills">How often each victim is killed.</param>
/// <param name="Seed">Decides readings, faults, and when and which replica is killed.</param>
/// <param name="Time">How long the fleet reports at least; the kills are spread over it.</param>
/// <param name="Json">Where the result goes.</param>
internal sealed record ChaosOptions(int Devices, int Days, int Kills, int Seed, TimeSpan Time, FileInfo? Json);

/// <summary>The command line.</summary>
internal static class ChaosCommand
{
    private static readonly Option<int> Devices = Number("--devices", "Meters of the fleet.", 1000);
    private static readonly Option<int> Days = Number("--days", "Simulated days, among them one on which clocks change.", 3);
    private static readonly Option<int> Kills = Number("--kills", "How often each of Monitoring, the broker and the database is killed.", 3);
    private static readonly Option<int> Seconds = Number("--seconds", "How long the fleet reports at least; the kills are spread over it.", 120);
    private static readonly Option<int> Seed = new("--seed")
    {
        Description = "Decides readings, faults, and when and which replica is killed.",
        DefaultValueFactory = _ => 1,
    };
    private static readonly Option<FileInfo?> Json = new("--json") { Description = "Write the result to this file too." };

    /// <summary>Runs it; the exit code is 1 when anything was lost, doubled or wrong.</summary>
    public static Task<int> InvokeAsync(string[] args, TextWriter output)
    {
        var command = new RootCommand(
            "Lets a faulty fleet report to two replicas of Monitoring on servers of its own, kills all of them with work in hand and at random moments, and compares what is left with what must be.");
        foreach (var option in new Option[] { Devices, Days, Kills, Seconds, Seed, Json })
            command.Options.Add(option);

        command.SetAction(async (result, cancel) =>
        {
            var options = new ChaosOptions(
                result.GetValue(Devices), result.GetValue(Days), result.GetValue(Kills), result.GetValue(Seed),
                TimeSpan.FromSeconds(result.GetValue(Seconds)), result.GetValue(Json));
            var report = new Report(options, TextWriter.Synchronized(output));
            await ChaosRun.RunAsync(options, report, cancel);
            await report.FinishAsync(cancel);

            return report.IsExact ? 0 : 1;
        });

        return command.Parse(args).InvokeAsync(new InvocationConfiguration { Output = output, Error = output });
    }

    private static Option<int> Number(string name, string description, int usually)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => usually };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
                result.AddError($"{name} must be at least 1.");
        });
        return option;
    }
}
