using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using EnergyAspire.Simulator.Gateway;

namespace EnergyAspire.Simulator.Settings;

/// <summary>The command line of the simulator.</summary>
public static class SimulatorCommand
{
    private static readonly Option<string?> Config = new("--config")
    {
        Description = "Configuration file (default: simulator/config.json of the repository, or config.json beside a published program).",
    };
    private static readonly Option<Guid[]?> DeviceId = new("--device-id")
    {
        Description = "UUID of the meter; may be repeated.",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = true,
    };
    private static readonly Option<int?> Devices = new("--devices") { Description = "Simulate this many meters, whose ids come from the seed." };
    private static readonly Option<string?> RegisteredDevices = new("--devices-file") { Description = "Simulate the meters that 'register' wrote into this file." };
    private static readonly Option<string?> TimeZones = new("--time-zones") { Description = "IANA zones that the meters take in turn, with commas between them." };
    private static readonly Option<int?> Interval = new("--interval") { Description = "Seconds of an interval." };
    private static readonly Option<double?> BaseLoad = new("--base-load")
    {
        Description = "kWh at multiplier 1 of every meter, of ten minutes unless base_load_per in the file is 'interval'.",
    };
    private static readonly Option<TimeSpan?> Duration = new("--duration")
    {
        Description = "How long to run: seconds, or with a unit such as 90s, 10m, 24h, 3d (default: for ever). The simulated clock counts, so with "
            + "--time-acceleration 60 an hour takes a second.",
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
    private static readonly Option<long?> Seed = new("--seed")
    {
        Description = "Seed of the variations and faults; with the same options the same seed gives the same messages.",
    };
    private static readonly Option<int?> Batch = new("--batch") { Description = "Readings in one message (default: 1)." };
    private static readonly Option<string?> Expect = new("--expect") { Description = "Write the hourly totals that the API must show to this file; 'verify' compares." };

    /// <summary>
    /// Runs the simulator with the settings of the command line and the file. Notes are written to the output, invalid settings to the error output.
    /// </summary>
    /// <returns>Exit code.</returns>
    public static Task<int> InvokeAsync(
        string[] args, Func<SimulatorSettings, CancellationToken, Task> run, TextWriter? output = null, TextWriter? error = null)
    {
        var command = new RootCommand("Simulates smart meters.");
        foreach (var option in (Option[])[Config, DeviceId, Devices, RegisteredDevices, TimeZones, Interval, BaseLoad, Duration, TimeAcceleration, Start, Seed, Batch, Expect])
            command.Options.Add(option);
        FaultOptions.AddTo(command);
        command.SetAction((result, cancel) => GuardedAsync(result, async () =>
        {
            await run(SettingsOf(result), cancel);
            return 0;
        }));
        command.Subcommands.Add(FleetCommands.Register());
        command.Subcommands.Add(FleetCommands.Verify());

        // The host has its own shutdown timeout.
        return command.Parse(args).InvokeAsync(new InvocationConfiguration
        {
            ProcessTerminationTimeout = null,
            Output = output ?? Console.Out,
            Error = error ?? Console.Error,
        });
    }

    /// <summary>Runs an action. Expected failures are written to the error output and give exit code 1.</summary>
    internal static async Task<int> GuardedAsync(ParseResult result, Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (Exception wrong) when (wrong is SettingsException or GatewayException)
        {
            await result.InvocationConfiguration.Error.WriteLineAsync($"simulator: {wrong.Message}");
            return 1;
        }
    }

    /// <summary>Parses a duration option.</summary>
    internal static TimeSpan? ParseDuration(string text, ArgumentResult result)
    {
        var unit = text[^1..] switch { "s" => 1, "m" => 60, "h" => 3600, "d" => 86400, _ => 0 };
        if (double.TryParse(unit == 0 ? text : text[..^1], NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && number * Math.Max(unit, 1) is > 0 and < 1e9 and var seconds)
            return TimeSpan.FromSeconds(seconds);

        result.AddError($"{((OptionResult)result.Parent!).Option.Name} must be seconds or a number with s, m, h or d, not '{text}'.");
        return null;
    }

    /// <summary>Splits a comma-separated list.</summary>
    internal static string[]? List(string? text) => text?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static SimulatorSettings SettingsOf(ParseResult result)
    {
        var path = result.GetValue(Config) ?? ConfigFile.DefaultPath;
        var file = ConfigFile.Read(path);
        foreach (var key in file.Unknown.Keys)
            result.InvocationConfiguration.Error.WriteLine($"simulator: {key} in {path} is not known and has no effect.");

        var overrides = new Overrides(
            result.GetValue(DeviceId) is { Length: > 0 } ids ? ids : null, result.GetValue(Devices), result.GetValue(Interval),
            result.GetValue(BaseLoad), result.GetValue(Duration), result.GetValue(TimeAcceleration), result.GetValue(Start),
            result.GetValue(Seed), List(result.GetValue(TimeZones)),
            result.GetValue(RegisteredDevices) is { } devices ? DevicesFile.Read(devices) : null, FaultOptions.From(result),
            result.GetValue(Batch), result.GetValue(Expect), BrokerOf(Environment.GetEnvironmentVariable));
        var settings = SimulatorSettings.Combine(file, overrides, TimeProvider.System.GetUtcNow());
        foreach (var note in StartNotes.Of(settings, file, overrides))
            result.InvocationConfiguration.Output.WriteLine($"simulator: {note}");

        return settings;
    }

    /// <summary>Reads the broker from the environment variables of the former simulator.</summary>
    /// <exception cref="SettingsException">The port is not a number.</exception>
    public static BrokerConfig BrokerOf(Func<string, string?> environment)
    {
        return new BrokerConfig(
            Of("RABBITMQ_HOST"),
            Of("RABBITMQ_PORT") switch
            {
                null => null,
                var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) => port,
                var text => throw new SettingsException($"RABBITMQ_PORT must be a whole number, not '{text}'."),
            },
            Of("RABBITMQ_USER"), Of("RABBITMQ_PASS"), Queue: null);

        string? Of(string name) => environment(name) is { Length: > 0 } value ? value : null;
    }

    private static DateTimeOffset? ParseStart(string text, ArgumentResult result)
    {
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var start))
            return start;

        result.AddError($"--start must be a time such as 2026-03-29T00:00:00Z, not '{text}'.");
        return null;
    }
}
