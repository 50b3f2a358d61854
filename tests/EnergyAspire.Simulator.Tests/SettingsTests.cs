using EnergyAspire.ServiceDefaults;
using EnergyAspire.Simulator.Gateway;
using EnergyAspire.Simulator.Readings;
using EnergyAspire.Simulator.Settings;
using EnergyAspire.Simulator.Traffic;
using EnergyAspire.Testing;

namespace EnergyAspire.Simulator.Tests;

public sealed class SettingsTests
{
    private const string Device = "11111111-1111-4111-8111-111111111111";
    private const string Other = "22222222-2222-4222-8222-222222222222";

    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_file_as_existing_ones_are_is_understood()
    {
        var settings = Read($$"""
            {
              "device_id": "{{Device}}", "interval_seconds": 300, "base_load_kwh": 0.4, "time_acceleration": 30,
              "patterns": { "siesta": { "hours": [13, 14], "multiplier": 0.3, "description": "Rest" } },
              "rabbitmq": { "host": "broker", "port": 5673, "user": "u", "password": "p@ss/word", "queue": "q" }
            }
            """);

        Assert.Equal(new Meter(Guid.Parse(Device), 0.4, TimeZoneInfo.Utc), Assert.Single(settings.Meters));
        Assert.Equal(TimeSpan.FromMinutes(5), settings.Interval);
        Assert.Equal(30, settings.TimeAcceleration);
        var pattern = Assert.Single(settings.Patterns);
        Assert.Equal("siesta", pattern.Name);
        Assert.Equal([13, 14], pattern.Hours);
        Assert.Equal("amqp://u:p%40ss%2Fword@broker:5673", settings.Broker.ConnectionString);
        Assert.Equal("q", settings.Broker.Queue);
    }

    [Fact]
    public void What_a_file_leaves_out_has_defaults()
    {
        var settings = Read($$"""{ "device_id": "{{Device}}" }""");

        Assert.Equal(TimeSpan.FromMinutes(10), settings.Interval);
        Assert.Null(settings.TimeAcceleration);
        Assert.Null(settings.Start);
        Assert.Null(settings.Duration);
        Assert.Same(LoadPattern.Defaults, settings.Patterns);
        Assert.Equal(new BrokerSettings("localhost", 5672, "guest", "guest", "device_data_queue"), settings.Broker);
    }

    [Fact]
    public void Devices_are_ids_or_objects_with_a_load_and_a_zone_of_their_own()
    {
        var settings = Read($$"""
            { "devices": ["{{Device}}", { "device_id": "{{Other}}", "base_load_kwh": 1.5, "time_zone": "Europe/Berlin" }], "base_load_kwh": 0.3 }
            """);

        Assert.Equal(
            [
                new Meter(Guid.Parse(Device), 0.3, TimeZoneInfo.Utc),
                new Meter(Guid.Parse(Other), 1.5, TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin")),
            ],
            settings.Meters);
    }

    [Fact]
    public void The_command_line_overrides_the_file()
    {
        var settings = Read(
            $$"""{ "device_id": "{{Device}}", "interval_seconds": 300, "base_load_kwh": 0.4, "time_acceleration": 30 }""",
            new Overrides(
                DeviceIds: [Guid.Parse(Other)], IntervalSeconds: 60, BaseLoadKwh: 2, Duration: TimeSpan.FromHours(1),
                TimeAcceleration: 0, Start: Now.AddDays(-3), Seed: 9));

        Assert.Equal(new Meter(Guid.Parse(Other), 2, TimeZoneInfo.Utc), Assert.Single(settings.Meters));
        Assert.Equal(TimeSpan.FromMinutes(1), settings.Interval);
        Assert.Null(settings.TimeAcceleration);
        Assert.Equal(Now.AddDays(-3), settings.Start);
        Assert.Equal(TimeSpan.FromHours(1), settings.Duration);
        Assert.Equal(9, settings.Seed);
    }

    [Fact]
    public void A_number_of_devices_makes_a_fleet_that_is_the_same_each_time()
    {
        var fleet = Read("{}", new Overrides(Devices: 3, Seed: 5)).Meters;

        Assert.Equal(3, fleet.Count);
        Assert.Equal(fleet, Read("{}", new Overrides(Devices: 3, Seed: 5)).Meters);
    }

    [Theory]
    [InlineData("""{ "device_id": "meter-1" }""", "device_id")]
    [InlineData("""{ "devices": 5 }""", "devices")]
    [InlineData("""{ "devices": ["11111111-1111-4111-8111-111111111111", "x"] }""", "devices[1]")]
    [InlineData("""{ "devices": ["11111111-1111-4111-8111-111111111111", "11111111-1111-4111-8111-111111111111"] }""", "devices")]
    [InlineData("""{ "devices": [{ "device_id": "11111111-1111-4111-8111-111111111111", "time_zone": "Mars" }] }""", "time_zone")]
    [InlineData("""{ "device_id": "11111111-1111-4111-8111-111111111111", "devices": [] }""", "device_id")]
    [InlineData("""{ "devices": [] }""", "devices")]
    [InlineData("""{ "device_id": "11111111-1111-4111-8111-111111111111", "interval_seconds": "often" }""", "interval_seconds")]
    [InlineData("""{ "device_id": "11111111-1111-4111-8111-111111111111", "interval_seconds": 0 }""", "interval_seconds")]
    [InlineData("""{ "device_id": "11111111-1111-4111-8111-111111111111", "base_load_kwh": -1 }""", "base_load_kwh")]
    [InlineData("""{ "device_id": "11111111-1111-4111-8111-111111111111", "time_acceleration": -1 }""", "time_acceleration")]
    [InlineData("""{ "device_id": "11111111-1111-4111-8111-111111111111", "patterns": { "a": { "multiplier": 1 } } }""", "patterns.a")]
    [InlineData("""{ "device_id": "11111111-1111-4111-8111-111111111111", "patterns": { "a": { "hours": [24], "multiplier": 1 } } }""", "patterns.a.hours")]
    [InlineData("""{ "device_id": "11111111-1111-4111-8111-111111111111", "patterns": { "a": { "hours": [1], "multiplier": 1 }, "b": { "hours": [1], "multiplier": 1 } } }""", "patterns.b.hours")]
    [InlineData("""{ "device_id": "11111111-1111-4111-8111-111111111111", "rabbitmq": { "port": "amqp" } }""", "rabbitmq.port")]
    [InlineData("""{ "device_id": "11111111-1111-4111-8111-111111111111", "rabbitmq": { "port": 0 } }""", "rabbitmq.port")]
    [InlineData("""{ "device_id": "11111111-1111-4111-8111-111111111111", "base_load_per": "hour" }""", "base_load_per")]
    [InlineData("[]", "JSON object")]
    [InlineData("{", "config.json")]
    public void A_wrong_setting_is_named(string file, string named) =>
        Assert.Contains(named, Assert.Throws<SettingsException>(() => Read(file)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_start_in_the_future_is_refused() =>
        Assert.Contains("start", Assert.Throws<SettingsException>(
            () => Read($$"""{ "device_id": "{{Device}}" }""", new Overrides(Start: Now.AddMinutes(1)))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task The_file_that_comes_with_the_program_simulates_every_development_device()
    {
        var (exit, settings, _) = await InvokeAsync();

        Assert.Equal(0, exit);
        Assert.Equal(
            [DevelopmentData.HeatPump, DevelopmentData.Kitchen, DevelopmentData.Laundry, DevelopmentData.CarCharger],
            settings!.Meters.Select(meter => meter.DeviceId));
        Assert.NotNull(settings.TimeAcceleration);
    }

    [Fact]
    public async Task The_file_that_runs_is_the_one_in_the_repository_and_it_surprises_nobody()
    {
        Assert.Equal(Path.Combine(Repository.Folder, "simulator", "config.json"), ConfigFile.DefaultPath);
        Assert.Empty(await SaidAsync());
    }

    [Fact]
    public void The_environment_says_which_broker_and_the_file_what_it_leaves_out()
    {
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["RABBITMQ_HOST"] = "broker",
            ["RABBITMQ_PORT"] = "5673",
            ["RABBITMQ_USER"] = "",
            ["RABBITMQ_PASS"] = "secret",
        };

        var settings = Read(
            $$"""{ "device_id": "{{Device}}", "rabbitmq": { "host": "other", "port": 1, "user": "meter", "password": "x", "queue": "q" } }""",
            new Overrides(Broker: SimulatorCommand.BrokerOf(environment.GetValueOrDefault)));

        Assert.Equal(new BrokerSettings("broker", 5673, "meter", "secret", "q"), settings.Broker);
    }

    [Theory]
    [InlineData("amqp")]
    [InlineData("0")]
    [InlineData("65536")]
    public void A_port_in_the_environment_that_is_none_is_named(string port) =>
        Assert.Contains("RABBITMQ_PORT", Assert.Throws<SettingsException>(() => Read(
            $$"""{ "device_id": "{{Device}}" }""",
            new Overrides(Broker: SimulatorCommand.BrokerOf(name => name == "RABBITMQ_PORT" ? port : null)))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("", 0.001)]
    [InlineData(", \"base_load_per\": \"ten_minutes\"", 0.001)]
    [InlineData(", \"base_load_per\": \"interval\"", 0.6)]
    public void A_key_says_whether_each_reading_has_all_of_the_base_load(string key, double expected)
    {
        var settings = Read($$"""{ "device_id": "{{Device}}", "interval_seconds": 1, "base_load_kwh": 0.6, "patterns": {}{{key}} }""");

        var reading = new ReadingGenerator(settings.Patterns, settings.Interval, seed: 0, settings.BaseLoadTime).Read(settings.Meters[0], Now);

        Assert.InRange(reading.Energy / 1e6, expected * 0.9, expected * 1.1);
    }

    [Theory]
    [InlineData(1, "", "", "0.0017")]
    [InlineData(600, "", "", "")]
    [InlineData(1, ", \"base_load_per\": \"interval\"", "", "")]
    [InlineData(1, ", \"base_load_per\": \"ten_minutes\"", "", "")]
    [InlineData(600, "", "--duration 1h --time-acceleration 2", "2 minutes pass in a real second")]
    [InlineData(600, "", "--duration 1h", "")]
    public async Task What_may_surprise_is_said_at_start(int interval, string key, string options, string note)
    {
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.json");
        await File.WriteAllTextAsync(path, $$"""{ "device_id": "{{Device}}", "interval_seconds": {{interval}}{{key}} }""", TestContext.Current.CancellationToken);

        var said = await SaidAsync(["--config", path, .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        File.Delete(path);

        Assert.Equal(note.Length > 0, said.Length > 0);
        Assert.Contains(note, said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(60, "")]
    [InlineData(600, "reporting_interval_seconds of the device is 600")]
    public void A_device_that_is_registered_with_another_interval_is_named(int interval, string note)
    {
        var file = ConfigFile.Parse("""{ "base_load_per": "ten_minutes" }""", "config.json");
        var overrides = new Overrides(IntervalSeconds: interval, Registered: [new RegisteredDevice(Guid.Parse(Device), "UTC", 60)]);

        var notes = string.Join('\n', StartNotes.Of(SimulatorSettings.Combine(file, overrides, Now), file, overrides));

        Assert.Equal(note.Length > 0, notes.Contains(Device, StringComparison.Ordinal));
        Assert.Contains(note, notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_option_is_understood()
    {
        var (exit, settings, _) = await InvokeAsync(
            "--device-id", Device, "--interval", "30", "--base-load", "0.5", "--duration", "36h", "--time-acceleration", "2.5",
            "--start", "2026-03-01T00:00:00Z", "--seed", "77");

        Assert.Equal(0, exit);
        Assert.Equal(new Meter(Guid.Parse(Device), 0.5, TimeZoneInfo.Utc), Assert.Single(settings!.Meters));
        Assert.Equal(TimeSpan.FromSeconds(30), settings.Interval);
        Assert.Equal(TimeSpan.FromHours(36), settings.Duration);
        Assert.Equal(2.5, settings.TimeAcceleration);
        Assert.Equal(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero), settings.Start);
        Assert.Equal(77, settings.Seed);
    }

    [Fact]
    public async Task Every_fault_has_an_option_and_one_option_is_for_all_others()
    {
        var (_, each, _) = await InvokeAsync(
            "--duplicates", "0.01", "--conflicting-duplicates", "0.02", "--late", "0.03", "--out-of-order", "0.04", "--malformed", "0.05", "--negative", "0.06",
            "--future", "0.07", "--unknown-device", "0.08", "--gaps", "0.09", "--clock-changes", "0.1", "--late-by", "90m");
        var (_, all, _) = await InvokeAsync("--faults", "0.1", "--gaps", "0.2");
        var (_, none, _) = await InvokeAsync();

        Assert.Equal(new FaultShares(0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.09, 0.1, TimeSpan.FromMinutes(90)), each!.Faults);
        Assert.Equal(new FaultShares(0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.2, 0.1, TimeSpan.FromHours(6)), all!.Faults);
        Assert.Equal(FaultShares.None with { LateBy = TimeSpan.FromHours(6) }, none!.Faults);
    }

    [Fact]
    public async Task A_fleet_takes_its_zones_in_turn_and_its_batch_and_file_from_the_command_line()
    {
        var (_, settings, _) = await InvokeAsync("--devices", "5", "--time-zones", "Europe/Berlin, Asia/Kolkata", "--batch", "25", "--expect", "expected.jsonl");

        Assert.Equal(
            ["Europe/Berlin", "Asia/Kolkata", "Europe/Berlin", "Asia/Kolkata", "Europe/Berlin"], settings!.Meters.Select(meter => meter.TimeZone.Id));
        Assert.Equal((25, "expected.jsonl"), (settings.Batch, settings.ExpectFile));
    }

    [Theory]
    [InlineData("--gaps 1.5", "0 to 1")]
    [InlineData("--malformed NaN", "0 to 1")]
    [InlineData("--faults 0.3", "together")]
    [InlineData("--late 0.6 --out-of-order 0.6", "together")]
    [InlineData("--clock-changes 0.1 --interval 1", "clock-changes")]
    [InlineData("--batch 0", "batch")]
    [InlineData("--late-by soon", "--late-by")]
    [InlineData("--devices 2 --time-zones Mars/Base", "Mars/Base")]
    [InlineData("--devices-file /no/such/devices", "/no/such/devices")]
    [InlineData("--config /no/such/config.json", "/no/such/config.json")]
    [InlineData("--devices 0", "devices")]
    [InlineData("--devices 2 --device-id " + Device, "device-id")]
    [InlineData("--device-id meter-1", "meter-1")]
    [InlineData("--duration soon", "--duration")]
    [InlineData("--start soon", "--start")]
    [InlineData("--interval -5", "interval_seconds")]
    [InlineData("--pace 5", "--pace")]
    public async Task A_wrong_command_line_ends_with_a_sentence_and_an_exit_code(string line, string named)
    {
        var (exit, settings, error) = await InvokeAsync(line.Split(' '));

        Assert.NotEqual(0, exit);
        Assert.Null(settings);
        Assert.Contains(named, error, StringComparison.Ordinal);
    }

    private static SimulatorSettings Read(string file, Overrides? overrides = null) =>
        SimulatorSettings.Combine(ConfigFile.Parse(file, "config.json"), overrides ?? new Overrides(), Now);

    /// <summary>What a start that succeeds says before anything runs.</summary>
    private static async Task<string> SaidAsync(params string[] args)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var exit = await SimulatorCommand.InvokeAsync(args, (_, _) => Task.CompletedTask, output, error);

        Assert.Equal((0, ""), (exit, error.ToString()));
        return output.ToString();
    }

    private static async Task<(int Exit, SimulatorSettings? Settings, string Error)> InvokeAsync(params string[] args)
    {
        SimulatorSettings? understood = null;
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var exit = await SimulatorCommand.InvokeAsync(
            args,
            (settings, _) =>
            {
                understood = settings;
                return Task.CompletedTask;
            },
            output, error);

        return (exit, understood, error.ToString());
    }
}
