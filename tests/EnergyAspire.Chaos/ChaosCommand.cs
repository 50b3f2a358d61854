using System.CommandLine;
using EnergyAspire.Chaos.Updates;
using EnergyAspire.Testing;

namespace EnergyAspire.Chaos;

/// <summary>Options of a chaos run.</summary>
/// <param name="Devices">Meters of the fleet.</param>
/// <param name="Days">Simulated days, including one on which clocks change.</param>
/// <param name="Kills">Number of kills of each victim.</param>
/// <param name="Seed">Seed of readings, faults, and the times and replicas of kills.</param>
/// <param name="Time">Shortest time that the fleet reports; the kills are spread over it.</param>
/// <param name="Json">File for the result; null for none.</param>
internal sealed record ChaosOptions(int Devices, int Days, int Kills, int Seed, TimeSpan Time, FileInfo? Json);

/// <summary>The command line of the chaos run.</summary>
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

    /// <summary>Runs the command. The exit code is 1 when a reading was lost, counted twice or wrong.</summary>
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

        command.Subcommands.Add(Update(output));

        return command.Parse(args).InvokeAsync(new InvocationConfiguration { Output = output, Error = output });
    }

    private static Command Update(TextWriter output)
    {
        var previous = new Option<DirectoryInfo>("--previous")
        {
            Description = "Built checkout of the version that runs at first. Without it the update is a restart of this version.",
            DefaultValueFactory = _ => new DirectoryInfo(Repository.Folder),
        };
        var together = Number("--together", "Seconds that both versions work together.", 10);
        var command = new Command(
            "update",
            "Replaces two replicas of every service one after another, while people read and change data and a meter reports. Fails if a request failed or a reading was lost.")
        {
            previous,
            together,
        };
        command.SetAction(async (result, cancel) => await RollingUpdate.RunAsync(
            result.GetValue(previous)!.FullName, TimeSpan.FromSeconds(result.GetValue(together)), TextWriter.Synchronized(output), cancel) ? 0 : 1);

        return command;
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
