using System.Text;
using EnergyAspire.Simulator.Expected;
using EnergyAspire.Simulator.Readings;
using EnergyAspire.Simulator.Settings;
using EnergyAspire.Testing;
using RabbitMQ.Client;

namespace EnergyAspire.Simulator.Tests;

/// <summary>Runs fleets from the command line against a real broker, and takes in what comes out by the rules of acceptance.</summary>
public sealed class FleetPublishTests(TestServers servers) : IAsyncLifetime
{
    private static readonly string[] Zones = ["Europe/Berlin", "America/New_York", "Asia/Kolkata"];

    // Berlin sets its clock forward on the second day.
    private static readonly string[] ThreeDaysWithFaults =
    [
        "--seed", "42", "--start", "2026-03-28T00:00:00Z", "--duration", "3d", "--time-acceleration", "1e9",
        "--time-zones", string.Join(',', Zones), "--faults", "0.03",
    ];

    private readonly string _queue = $"readings-{Guid.NewGuid():N}";
    private readonly string _folder = Directory.CreateTempSubdirectory("simulator-tests-").FullName;
    private IConnection _connection = null!;
    private IChannel _channel = null!;

    public async ValueTask InitializeAsync()
    {
        _connection = await new ConnectionFactory { Uri = new Uri(servers.Broker) }.CreateConnectionAsync();
        _channel = await _connection.CreateChannelAsync();
        // A quorum queue is slow to give away one message at a time, and while it is busy it may say that it holds nothing.
        await _channel.QueueDeclareAsync(
            _queue, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "classic" });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    public async Task What_the_expected_file_says_becomes_of_what_is_in_the_queue_with_every_fault_on(int batch)
    {
        await RunAsync([.. ThreeDaysWithFaults, "--devices", "20", "--batch", $"{batch}", "--expect", File("expected")]);

        var messages = await TakeAllAsync();
        var ingest = Ingest(20, messages);
        var expected = Expectation.Read(File("expected"));
        var summary = expected.Summary!;
        Assert.Equal(ingest.Hours, Hours(expected));
        Assert.Equal(messages.Count, summary.Messages);
        Assert.Equal((ingest.Received, ingest.Stored, ingest.Duplicates), (summary.Readings, summary.Stored, summary.Duplicates));
        Assert.Equal(ingest.Quarantined, summary.Quarantined);
        Assert.Equal(["conflicting_duplicate", "future", "malformed", "negative", "unknown_device"], summary.Quarantined.Keys.Order());
        Assert.Equal(0, summary.SentAgain);
        Assert.InRange(summary.Stored, 20 * 3 * 144 * 0.8, 20 * 3 * 144 * 0.9);
    }

    [Fact]
    public async Task A_repeated_run_sends_the_same_bytes_in_the_same_order_and_expects_the_same()
    {
        // Enough for the window of unconfirmed messages to be full again and again.
        string[] fleet = [.. ThreeDaysWithFaults, "--devices", "50"];
        await RunAsync([.. fleet, "--expect", File("first")]);
        var first = await TakeAllAsync();
        await RunAsync([.. fleet, "--expect", File("second")]);
        var second = await TakeAllAsync();

        Assert.True(first.Count > 15_000);
        Assert.Equal(first, second);
        Assert.Equal(await System.IO.File.ReadAllBytesAsync(File("first")), await System.IO.File.ReadAllBytesAsync(File("second")));
    }

    [Fact]
    public async Task Cut_connections_change_nothing_but_the_number_of_duplicates()
    {
        await using var relay = new Relay(new Uri(servers.Broker));
        var run = RunAsync([.. ThreeDaysWithFaults, "--devices", "100", "--expect", File("expected")], relay.Address.ToString());
        for (var cut = 1; cut <= 3; cut++)
        {
            await Eventually.TrueAsync(
                async () => relay.Connections >= cut && await _channel.MessageCountAsync(_queue) > 5000u * cut,
                "readings arrive");
            relay.Cut();
        }

        await run;
        var ingest = Ingest(100, await TakeAllAsync());
        var expected = Expectation.Read(File("expected"));
        var summary = expected.Summary!;
        Assert.True(relay.Connections > 3, "it connected again");
        Assert.Equal(ingest.Hours, Hours(expected));
        Assert.Equal(ingest.Stored, summary.Stored);
        Assert.True(summary.SentAgain > 0, "something was under way");
        Assert.InRange(ingest.Received, summary.Readings, summary.Readings + summary.SentAgain);
        Assert.True(ingest.Duplicates >= summary.Duplicates);
        Assert.All(summary.Quarantined, reason => Assert.True(ingest.Quarantined[reason.Key] >= reason.Value));
    }

    public async ValueTask DisposeAsync()
    {
        await _channel.QueueDeleteAsync(_queue);
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private string File(string name) => Path.Combine(_folder, name);

    private async Task RunAsync(string[] options, string? broker = null)
    {
        await System.IO.File.WriteAllTextAsync(File("config.json"), $$"""{ "rabbitmq": { "queue": "{{_queue}}" } }""");
        await using var error = new StringWriter();
        var exit = await SimulatorCommand.InvokeAsync(
            [.. options, "--config", File("config.json")],
            (settings, _) => SimulatorHost.RunAsync(settings, broker ?? servers.Broker),
            TextWriter.Null, error);

        Assert.Equal((0, ""), (exit, error.ToString()));
    }

    private async Task<List<string>> TakeAllAsync()
    {
        var messages = new List<string>();
        while (await _channel.BasicGetAsync(_queue, autoAck: true) is { } message)
            messages.Add(Encoding.UTF8.GetString(message.Body.Span));

        return messages;
    }

    private static ReferenceIngest Ingest(int devices, IEnumerable<string> messages)
    {
        var ingest = new ReferenceIngest(
            Enumerable.Range(0, devices).ToDictionary(
                number => Noise.DeviceId(42, number), number => TimeZoneInfo.FindSystemTimeZoneById(Zones[number % Zones.Length])),
            TimeSpan.FromMinutes(10), DateTimeOffset.UtcNow);
        foreach (var message in messages)
            ingest.Take(Encoding.UTF8.GetBytes(message));

        return ingest;
    }

    private static Dictionary<(Guid, DateTimeOffset), (decimal, int)> Hours(Expectation expected) => expected.Devices
        .SelectMany(device => device.Hours.Select(hour => (device.DeviceId, Start: hour.Key, Total: hour.Value)))
        .ToDictionary(hour => (hour.DeviceId, hour.Start), hour => (hour.Total.Consumption, hour.Total.Readings));
}
