using System.Diagnostics;
using System.Text;
using System.Text.Json;
using EnergyAspire.Simulator.Readings;
using EnergyAspire.Simulator.Settings;
using EnergyAspire.Testing;
using RabbitMQ.Client;

[assembly: AssemblyFixture(typeof(TestServers))]

namespace EnergyAspire.Simulator.Tests;

/// <summary>Runs the simulator against a real broker; each test has a queue of its own.</summary>
public sealed class PublishTests(TestServers servers) : IAsyncLifetime
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly IReadOnlyList<Meter> Meters =
        [.. Enumerable.Range(0, 4).Select(number => new Meter(Noise.DeviceId(0, number), 0.25, TimeZoneInfo.Utc))];

    private readonly string _queue = $"readings-{Guid.NewGuid():N}";
    private IConnection _connection = null!;
    private IChannel _channel = null!;

    public async ValueTask InitializeAsync()
    {
        _connection = await new ConnectionFactory { Uri = new Uri(servers.Broker) }.CreateConnectionAsync();
        _channel = await _connection.CreateChannelAsync();
    }

    [Fact]
    public async Task A_run_leaves_every_reading_in_the_queue_as_meters_write_it()
    {
        await RunAsync(Settings(TimeSpan.FromHours(2)));

        var messages = await TakeAllAsync();
        Assert.Equal(4 * 12, messages.Count);
        Assert.Equal(messages.Count, messages.DistinctBy(Key).Count());
        var properties = messages[0].BasicProperties;
        Assert.True(properties.Persistent);
        using var body = JsonDocument.Parse(messages[0].Body);
        Assert.Equal(["timestamp", "device_id", "measurement_value"], body.RootElement.EnumerateObject().Select(field => field.Name));
        Assert.Equal("2026-03-01T00:00:00Z", body.RootElement.GetProperty("timestamp").GetString());
    }

    [Fact]
    public async Task A_second_run_sends_exact_duplicates()
    {
        await RunAsync(Settings(TimeSpan.FromHours(1)));
        await RunAsync(Settings(TimeSpan.FromHours(1)));

        var messages = (await TakeAllAsync()).ConvertAll(message => Encoding.UTF8.GetString(message.Body.Span));
        Assert.Equal(2 * 4 * 6, messages.Count);
        Assert.Equal(4 * 6, messages.Distinct().Count());
    }

    [Fact]
    public async Task A_queue_that_somebody_declared_with_arguments_is_used_as_it_is()
    {
        await DeclareClassicAsync();

        await RunAsync(Settings(TimeSpan.FromHours(1)));

        Assert.Equal(4 * 6, (await TakeAllAsync()).Count);
    }

    [Fact]
    public async Task A_queue_that_the_simulator_declared_can_be_declared_plainly_by_meters()
    {
        await RunAsync(Settings(TimeSpan.FromHours(1)));

        await _channel.QueueDeclareAsync(_queue, durable: true, exclusive: false, autoDelete: false);

        Assert.Equal(4 * 6, (await TakeAllAsync()).Count);
    }

    [Fact]
    public async Task Cut_connections_lose_no_reading()
    {
        // While a quorum queue is busy it may say that it holds nothing.
        await DeclareClassicAsync();
        await using var relay = new Relay(new Uri(servers.Broker));
        var run = RunAsync(Settings(TimeSpan.FromDays(2), acceleration: 300), relay.Address.ToString());

        for (var cut = 1; cut <= 2; cut++)
        {
            await Eventually.TrueAsync(
                async () => relay.Connections >= cut && await _channel.MessageCountAsync(_queue) > 200u * cut,
                "readings arrive");
            relay.Cut();
        }

        await run;
        var messages = await TakeAllAsync();
        Assert.True(relay.Connections > 2, "it connected again");
        Assert.Equal(4 * 2 * 144, messages.DistinctBy(Key).Count());
    }

    [Fact]
    public async Task Without_a_broker_it_waits_and_begins_when_the_broker_comes()
    {
        var port = ServiceProcess.FreePort();
        var broker = new Uri(servers.Broker);
        var run = RunAsync(
            Settings(TimeSpan.FromHours(1)) with { Broker = new BrokerSettings("127.0.0.1", port, "guest", "guest", _queue) },
            new UriBuilder(broker) { Host = "127.0.0.1", Port = port }.Uri.ToString());
        Assert.False(run.IsCompleted);

        await using var relay = new Relay(broker, port);
        await run;

        Assert.Equal(4 * 6, (await TakeAllAsync()).Count);
    }

    [Fact]
    public async Task A_live_reading_begins_a_trace_that_its_message_carries()
    {
        var spans = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "EnergyAspire.Simulator",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                lock (spans)
                    spans.Add(span);
            },
        };
        ActivitySource.AddActivityListener(listener);

        // Live from the start, one reading each second.
        await RunAsync(Settings(TimeSpan.FromSeconds(2)) with { Meters = [Meters[0]], Interval = TimeSpan.FromSeconds(1), Start = null, TimeAcceleration = null });

        var message = (await TakeAllAsync())[0];
        var header = Encoding.ASCII.GetString((byte[])message.BasicProperties.Headers!["traceparent"]!);
        Assert.True(ActivityContext.TryParse(header, traceState: null, out var context));
        lock (spans)
            Assert.Contains(spans, span => span.OperationName == "report reading" && span.ParentId is null && span.TraceId == context.TraceId);
    }

    [Fact]
    public async Task Readings_of_a_replay_share_a_trace()
    {
        await RunAsync(Settings(TimeSpan.FromHours(6)));

        var traces = (await TakeAllAsync())
            .Select(message => message.BasicProperties.Headers?.TryGetValue("traceparent", out var header) == true ? Encoding.ASCII.GetString((byte[])header!) : null)
            .ToList();

        // One for each tenth of a second, and a loaded machine may lose a few of those.
        Assert.InRange(traces.Distinct().Count(), 1, 10);
    }

    public async ValueTask DisposeAsync()
    {
        await _channel.QueueDeleteAsync(_queue);
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private SimulatorSettings Settings(TimeSpan duration, double acceleration = 10_000) => new(
        Meters, TimeSpan.FromMinutes(10), LoadPattern.Defaults, acceleration, Start, duration, Seed: 0,
        new BrokerSettings("localhost", 5672, "guest", "guest", _queue));

    private Task RunAsync(SimulatorSettings settings, string? broker = null) => SimulatorHost.RunAsync(settings, broker ?? servers.Broker);

    private Task<QueueDeclareOk> DeclareClassicAsync() => _channel.QueueDeclareAsync(
        _queue, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "classic" });

    private async Task<List<BasicGetResult>> TakeAllAsync()
    {
        var messages = new List<BasicGetResult>();
        while (await _channel.BasicGetAsync(_queue, autoAck: true) is { } message)
            messages.Add(message);

        return messages;
    }

    private static string Key(BasicGetResult message) => Encoding.UTF8.GetString(message.Body.Span);
}
