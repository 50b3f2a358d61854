using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace EnergyAspire.Simulator.Settings;

/// <summary>The command line.</summary>
public static class SimulatorCommand
{
    private static readonly Option<string?> Config = new("--config") { Description = "Configuration file (default: config.json beside the program)." };
    private static readonly Option<Guid[]?> DeviceId = new("--device-id")
    {
        Description = "UUID of the meter; may be repeated.",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = true,
    };
    private static readonly Option<int?> Devices = new("--devices") { Description = "Simulate this many meters, whose ids come from the seed." };
    private static readonly Option<int?> Interval = new("--interval") { Description = "Seconds of an interval." };
    private static readonly Option<double?> BaseLoad = new("--base-load") { Description = "kWh of ten minutes at multiplier 1, of every meter." };
    private static readonly Option<TimeSpan?> Duration = new("--duration")
    {
        Description = "How long to run on the simulated clock: seconds, or with a unit such as 90s, 10m, 24h, 3d (default: for ever).",
        CustomParser = result => ParseDuration(result.Tokens[0].Value, result),
    };
    private static readonly Option<double?> TimeAcceleration = new("--time-acceleration")
    {
        Description = "Simulated minutes in a real second; 0 for real speed.",
    };
    private static readonly Option<DateTimeOffset?> Start = new("--start")
    {
        Description = "Where the simulated clock starts, UTC unless it has an offset (default: now, or a day ago when accelerated).",
        CustomParser = result => ParseStart(result.Tokens[0].Value, result),
    };
    private static readonly Option<long?> Seed = new("--seed") { Description = "Seed of the variations; the same seed gives the same readings." };

    /// <summary>Runs the simulator with the settings of the command line and the file; a wrong one is told on the error output.</summary>
    /// <returns>Exit code.</returns>
    public static Task<int> InvokeAsync(
        string[] args, Func<SimulatorSettings, CancellationToken, Task> run, TextWriter? output = null, TextWriter? error = null)
    {
        var command = new RootCommand("Simulates smart meters.");
        foreach (var option in new Option[] { Config, DeviceId, Devices, Interval, BaseLoad, Duration, TimeAcceleration, Start, Seed })
            command.Options.Add(option);

        command.SetAction(async (result, cancel) =>
        {
            try
            {
                await run(SettingsOf(result), cancel);
                return 0;
            }
            catch (SettingsException wrong)
            {
                await result.InvocationConfiguration.Error.WriteLineAsync($"simulator: {wrong.Message}");
                return 1;
            }
        });

        // The host has its own time to end in.
        return command.Parse(args).InvokeAsync(new InvocationConfiguration
        {
            ProcessTerminationTimeout = null,
            Output = output ?? Console.Out,
            Error = error ?? Console.Error,
        });
    }

    private static SimulatorSettings SettingsOf(ParseResult result)
    {
        var path = result.GetValue(Config) ?? Path.Combine(AppContext.BaseDirectory, "config.json");
        var file = ConfigFile.Read(path);
        foreach (var key in file.Unknown.Keys)
            result.InvocationConfiguration.Error.WriteLine($"simulator: {key} in {path} is not known and has no effect.");

        return SimulatorSettings.Combine(
            file,
            new Overrides(
                result.GetValue(DeviceId) is { Length: > 0 } ids ? ids : null, result.GetValue(Devices), result.GetValue(Interval),
                result.GetValue(BaseLoad), result.GetValue(Duration), result.GetValue(TimeAcceleration), result.GetValue(Start),
                result.GetValue(Seed)),
            TimeProvider.System.GetUtcNow());
    }

    private static TimeSpan? ParseDuration(string text, ArgumentResult result)
    {
        var unit = text[^1..] switch { "s" => 1, "m" => 60, "h" => 3600, "d" => 86400, _ => 0 };
        if (double.TryParse(unit == 0 ? text : text[..^1], NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && number * Math.Max(unit, 1) is > 0 and < 1e9 and var seconds)
            return TimeSpan.FromSeconds(seconds);

        result.AddError($"--duration must be seconds or a number with s, m, h or d, not '{text}'.");
        return null;
    }

    private static DateTimeOffset? ParseStart(string text, ArgumentResult result)
    {
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var start))
            return start;

        result.AddError($"--start must be a time such as 2026-03-29T00:00:00Z, not '{text}'.");
        return null;
    }
}
