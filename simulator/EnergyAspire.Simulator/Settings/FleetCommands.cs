using System.CommandLine;
using EnergyAspire.Simulator.Expected;
using EnergyAspire.Simulator.Gateway;

namespace EnergyAspire.Simulator.Settings;

/// <summary>The commands before and after a run of a fleet: create its devices, and compare the API with the expected totals.</summary>
internal static class FleetCommands
{
    private const string Username = "ENERGY_USERNAME";
    private const string Password = "ENERGY_PASSWORD";

    private static readonly Option<Uri> Gateway = new("--gateway")
    {
        Description = $"Address of the gateway; the account is that of {Username} and {Password} in the environment.",
        Required = true,
        CustomParser = result =>
        {
            if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
                return address;

            result.AddError($"--gateway must be an address such as http://localhost:8080, not '{result.Tokens[0].Value}'.");
            return null;
        },
    };

    public static Command Register()
    {
        var devices = new Option<int>("--devices") { Description = "Devices in all; those in the file count.", Required = true };
        var file = new Option<string>("--devices-file") { Description = "File that the devices are added to, for a run.", Required = true };
        var zones = new Option<string?>("--time-zones") { Description = "IANA zones that the devices take in turn (default: UTC)." };
        var interval = new Option<int>("--interval") { Description = "Seconds of an interval (default: 600).", DefaultValueFactory = _ => 600 };
        var command = new Command("register", "Creates devices through the public API, as an admin.") { Gateway, devices, file, zones, interval };
        command.SetAction((result, cancel) => SimulatorCommand.GuardedAsync(result, async () =>
        {
            var timeZones = SimulatorCommand.List(result.GetValue(zones)) is { Length: > 0 } named ? named : ["UTC"];
            if (Array.Find(timeZones, zone => !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _)) is { } unknown)
                throw new SettingsException($"time-zones: {unknown} is not a known IANA zone.");

            using var gateway = await SignInAsync(result, cancel);
            var created = await Registration.RegisterAsync(
                gateway, result.GetValue(file)!, result.GetValue(devices), timeZones, result.GetValue(interval), cancel);
            await result.InvocationConfiguration.Output.WriteLineAsync($"{created} devices created; Monitoring knows them.");
            return 0;
        }));

        return command;
    }

    public static Command Verify()
    {
        var file = new Option<string>("--expect") { Description = "File that a run wrote.", Required = true };
        var within = new Option<TimeSpan?>("--within")
        {
            Description = "How long readings may still be on their way, such as 90s or 5m (default: compare once).",
            CustomParser = result => SimulatorCommand.ParseDuration(result.Tokens[0].Value, result),
        };
        var command = new Command("verify", "Compares every hour of every device with the API; exit code 1 when one differs.") { Gateway, file, within };
        command.SetAction((result, cancel) => SimulatorCommand.GuardedAsync(result, async () =>
        {
            var expectation = Expectation.Read(result.GetValue(file)!);
            using var gateway = await SignInAsync(result, cancel);
            var differences = await Verification.VerifyAsync(gateway, expectation, result.GetValue(within) ?? TimeSpan.Zero, cancel);
            await TellAsync(result.InvocationConfiguration.Output, expectation, differences);
            return differences.Count == 0 ? 0 : 1;
        }));

        return command;
    }

    private static async Task<GatewayClient> SignInAsync(ParseResult result, CancellationToken cancel) =>
        Environment.GetEnvironmentVariable(Username) is { Length: > 0 } username && Environment.GetEnvironmentVariable(Password) is { Length: > 0 } password
            ? await GatewayClient.SignInAsync(result.GetRequiredValue(Gateway), username, password, cancel)
            : throw new SettingsException($"Set {Username} and {Password} in the environment.");

    private static async Task TellAsync(TextWriter output, Expectation expectation, IReadOnlyList<Difference> differences)
    {
        foreach (var difference in differences)
            await output.WriteLineAsync(difference.ToString());

        var hours = expectation.Devices.Sum(device => device.Hours.Count);
        await output.WriteLineAsync($"{hours} hours of {expectation.Devices.Count} devices: {(differences.Count == 0 ? "all agree" : $"{differences.Count} differ")}.");
        if (expectation.Summary is not { } sent)
        {
            await output.WriteLineAsync("The run didn't finish: only hours that it was done with are compared.");
            return;
        }

        var quarantined = string.Join(", ", sent.Quarantined.Select(reason => $"{reason.Value} {reason.Key}"));
        await output.WriteLineAsync(
            $"Sent {sent.Readings} readings: {sent.Stored} to store, {sent.Duplicates} duplicates, {sent.Quarantined.Values.Sum()} to quarantine"
            + (quarantined.Length > 0 ? $" ({quarantined})" : "") + (sent.SentAgain > 0 ? $"; {sent.SentAgain} sent again." : "."));
    }
}
