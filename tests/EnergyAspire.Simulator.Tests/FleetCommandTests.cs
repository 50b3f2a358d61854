using EnergyAspire.Simulator.Expected;
using EnergyAspire.Simulator.Gateway;
using EnergyAspire.Simulator.Settings;
using EnergyAspire.Simulator.Traffic;

namespace EnergyAspire.Simulator.Tests;

public sealed class FleetCommandTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("simulator-tests-").FullName;
    private FakeGateway _gateway = null!;

    // The account comes from the environment, which all tests of this program share.
    static FleetCommandTests()
    {
        Environment.SetEnvironmentVariable("ENERGY_USERNAME", "admin");
        Environment.SetEnvironmentVariable("ENERGY_PASSWORD", "secret");
    }

    public async ValueTask InitializeAsync() => _gateway = await FakeGateway.StartAsync();

    [Fact]
    public async Task Register_creates_devices_that_take_the_zones_in_turn_and_writes_the_file_of_a_run()
    {
        _gateway.LateLooks = 2;

        var (exit, output, error) = await InvokeAsync(
            "register", "--gateway", $"{_gateway.Address}", "--devices", "5", "--devices-file", Devices, "--time-zones", "Europe/Berlin,Asia/Kolkata", "--interval", "300");

        Assert.Equal((0, ""), (exit, error));
        Assert.Contains("5 devices", output, StringComparison.Ordinal);
        var registered = DevicesFile.Read(Devices);
        Assert.Equal(_gateway.Devices.Keys.Order(), registered.Select(device => device.DeviceId).Order());
        Assert.All(registered, device => Assert.Equal(_gateway.Devices[device.DeviceId]["time_zone"]!.GetValue<string>(), device.TimeZone));
        Assert.All(registered, device => Assert.Equal(300, _gateway.Devices[device.DeviceId]["reporting_interval_seconds"]!.GetValue<int>()));
        Assert.Equal(3, registered.Count(device => device.TimeZone == "Europe/Berlin"));

        var settings = await SettingsAsync("--devices-file", Devices);
        Assert.Equal(registered.Select(device => (device.DeviceId, device.TimeZone)), settings.Meters.Select(meter => (meter.DeviceId, meter.TimeZone.Id)));
        Assert.Equal(TimeSpan.FromMinutes(5), settings.Interval);
    }

    [Fact]
    public async Task Register_goes_on_where_it_was_interrupted()
    {
        _gateway.FailsAfter = 3;
        var (exit, _, error) = await RegisterAsync(6);
        Assert.Equal(1, exit);
        Assert.Contains("500", error, StringComparison.Ordinal);

        _gateway.FailsAfter = int.MaxValue;
        Assert.Equal(0, (await RegisterAsync(6)).Exit);
        Assert.Equal(6, DevicesFile.Read(Devices).Select(device => device.DeviceId).Distinct().Count());
        Assert.Equal(6, _gateway.Devices.Count);
    }

    [Fact]
    public async Task A_gateway_that_says_too_many_requests_is_asked_again()
    {
        _gateway.RefusedEvery = 2;

        Assert.Equal(0, (await RegisterAsync(10)).Exit);

        Assert.Equal(10, _gateway.Devices.Count);
    }

    [Fact]
    public async Task Verify_agrees_when_every_hour_is_as_expected()
    {
        await SimulateAsync();

        var (exit, output, error) = await VerifyAsync();

        Assert.Equal((0, ""), (exit, error));
        Assert.Contains("of 3 devices: all agree", output, StringComparison.Ordinal);
        Assert.Matches(@"Sent \d+ readings: \d+ to store, \d+ duplicates, \d+ to quarantine \(", output);
    }

    [Fact]
    public async Task Verify_names_each_hour_that_differs_by_a_milliwatt_hour_or_a_reading_or_should_not_be()
    {
        await SimulateAsync();
        var hours = _gateway.Hours.Keys.Order().ToList();
        var (less, fewer, none) = (hours[5], hours[20], hours[40]);
        _gateway.Hours[less] = (_gateway.Hours[less].Consumption - 0.000001m, _gateway.Hours[less].Readings);
        _gateway.Hours[fewer] = (_gateway.Hours[fewer].Consumption, _gateway.Hours[fewer].Readings - 1);
        _gateway.Hours.TryRemove(none, out _);

        var (exit, output, _) = await VerifyAsync();

        Assert.Equal(1, exit);
        Assert.Equal(
            new[] { less, fewer, none }.Select(hour => $"{hour.Device} {hour.Start:yyyy-MM-ddTHH:mm:ssZ}"),
            output.Split('\n').Where(line => line.Contains("expected", StringComparison.Ordinal)).Select(line => line[..line.IndexOf(": ", StringComparison.Ordinal)]));
        Assert.Contains("3 differ", output, StringComparison.Ordinal);
    }

    [Fact]
    public void An_hour_that_nobody_expects_differs_when_the_run_finished()
    {
        var hour = new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
        var total = new HourTotal(1, 6);
        var expected = new ExpectedDevice(Guid.NewGuid(), TimeZoneInfo.Utc, new() { [hour] = total, [hour.AddHours(2)] = total });
        var actual = Enumerable.Range(-1, 5).ToDictionary(number => hour.AddHours(number), _ => total);

        Assert.Equal(hour.AddHours(1), Assert.Single(Verification.Compare(expected, actual, isWhole: true)).Start);
        Assert.Empty(Verification.Compare(expected, actual, isWhole: false));
    }

    [Fact]
    public async Task Verify_waits_for_readings_that_are_on_their_way()
    {
        await SimulateAsync();
        _gateway.LateLooks = 4;

        Assert.Equal(0, (await VerifyAsync("--within", "30s")).Exit);
    }

    [Theory]
    [InlineData("verify --gateway nowhere --expect x", "nowhere")]
    [InlineData("verify --gateway http://localhost:1 --expect /no/such/file", "/no/such/file")]
    [InlineData("verify --expect x", "--gateway")]
    [InlineData("register --gateway http://localhost:1 --devices 1 --devices-file x --time-zones Mars", "Mars")]
    [InlineData("register --gateway http://127.0.0.1:1 --devices 1 --devices-file x", "127.0.0.1:1")]
    public async Task What_can_t_be_done_is_said_with_a_sentence(string commandLine, string named)
    {
        var (exit, _, error) = await InvokeAsync(commandLine.Split(' '));

        Assert.Equal(1, exit);
        Assert.Contains(named, error, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private string Devices => Path.Combine(_folder, "devices");

    private string ExpectedPath => Path.Combine(_folder, "expected");

    private Task<(int Exit, string Output, string Error)> RegisterAsync(int devices) => InvokeAsync(
        "register", "--gateway", $"{_gateway.Address}", "--devices", $"{devices}", "--devices-file", Devices, "--time-zones", "Europe/Berlin,Asia/Kolkata");

    private Task<(int Exit, string Output, string Error)> VerifyAsync(params string[] more) =>
        InvokeAsync(["verify", "--gateway", $"{_gateway.Address}", "--expect", ExpectedPath, .. more]);

    /// <summary>Registers a fleet and gives the gateway what must become of forty days of it, a clock change among them.</summary>
    private async Task SimulateAsync()
    {
        await RegisterAsync(3);
        var settings = await SettingsAsync("--devices-file", Devices, "--start", "2026-03-01T00:00:00Z", "--duration", "40d", "--faults", "0.02", "--interval", "1800");
        var faults = new FaultPlan(settings.Faults, settings.Interval, settings.Seed);
        var ingest = new ReferenceIngest(settings.Meters.ToDictionary(meter => meter.DeviceId, meter => meter.TimeZone), settings.Interval, DateTimeOffset.UtcNow);
        using (var file = new ExpectedFile(ExpectedPath, settings.Interval, faults.LongestDelay))
        {
            foreach (var message in settings.Messages(settings.Start!.Value, faults))
            {
                file.Confirmed(message);
                ingest.Take(message.Body);
            }

            file.Finish(sentAgain: 0);
        }

        foreach (var hour in ingest.Hours)
            _gateway.Hours[hour.Key] = hour.Value;
    }

    private static async Task<SimulatorSettings> SettingsAsync(params string[] args)
    {
        SimulatorSettings? understood = null;
        await SimulatorCommand.InvokeAsync(args, (settings, _) =>
        {
            understood = settings;
            return Task.CompletedTask;
        });

        return understood!;
    }

    private static async Task<(int Exit, string Output, string Error)> InvokeAsync(params string[] args)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var exit = await SimulatorCommand.InvokeAsync(args, (_, _) => Task.CompletedTask, output, error);

        return (exit, output.ToString(), error.ToString());
    }
}
