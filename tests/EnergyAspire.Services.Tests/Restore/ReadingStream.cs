using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using EnergyAspire.Contracts;
using RabbitMQ.Client;

namespace EnergyAspire.Services.Tests.Restore;

/// <summary>Meters that publish readings continuously. Each reading has its own number, which is its energy in milliwatt-hours.</summary>
internal sealed class ReadingStream : IAsyncDisposable
{
    private const int BatchSize = 20;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly DateTimeOffset _first = new(DateTime.UtcNow.Date.AddDays(-10), TimeSpan.Zero);
    private readonly ConcurrentBag<long> _confirmed = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly IConnection _connection;
    private readonly IReadOnlyList<Guid> _devices;
    private long _last;
    private Task _running = Task.CompletedTask;

    private ReadingStream(IConnection connection, IReadOnlyList<Guid> devices) => (_connection, _devices) = (connection, devices);

    /// <summary>Numbers of the readings that the broker has confirmed.</summary>
    public HashSet<long> Confirmed => [.. _confirmed];

    public static async Task<ReadingStream> ConnectAsync(string broker, IReadOnlyList<Guid> devices) =>
        new(await new ConnectionFactory { Uri = new Uri(broker) }.CreateConnectionAsync(), devices);

    /// <summary>Publishes until <see cref="StopAsync"/>.</summary>
    public void Start() => _running = RunAsync();

    /// <summary>Stops publishing and waits for the last confirmation.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    /// <summary>Publishes some readings and waits for their confirmation.</summary>
    public async Task PublishAsync(int count)
    {
        await using var channel = await OpenAsync();
        for (var published = 0; published < count; published += BatchSize)
            await PublishBatchAsync(channel);
    }

    /// <summary>Reads the numbers of all readings in the queue, which must have no consumers, and leaves them there.</summary>
    /// <param name="administrator">AMQP connection string.</param>
    public static async Task<HashSet<long>> PeekAsync(string administrator)
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(administrator) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        var found = new HashSet<long>();
        // What a closed consumer had not acknowledged returns to the queue after a moment.
        for (var empty = 0; empty < 10;)
        {
            if (await channel.BasicGetAsync(Topology.ReadingQueue, autoAck: false) is { } message)
            {
                found.Add(NumberOf(message.Body.Span));
                empty = 0;
            }
            else
            {
                empty++;
                await Task.Delay(100);
            }
        }

        // Without acknowledgements they return to the queue when the channel closes.
        return found;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _connection.DisposeAsync();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        await using var channel = await OpenAsync();
        while (!_stop.IsCancellationRequested)
        {
            await PublishBatchAsync(channel);
            await Task.Delay(Pause);
        }
    }

    private Task<IChannel> OpenAsync() =>
        _connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));

    private Task PublishBatchAsync(IChannel channel) => Task.WhenAll(Enumerable.Range(0, BatchSize).Select(async _ =>
    {
        var number = Interlocked.Increment(ref _last);
        await channel.BasicPublishAsync("", Topology.ReadingQueue, mandatory: true, new BasicProperties { Persistent = true }, BodyOf(number));
        _confirmed.Add(number);
    }));

    private byte[] BodyOf(long number)
    {
        var (device, time) = (_devices[(int)(number % _devices.Count)], _first.AddSeconds(number / _devices.Count));
        return Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"timestamp": "{{time:yyyy-MM-ddTHH:mm:ssZ}}", "device_id": "{{device}}", "measurement_value": {{number * 0.000001m}}}"""));
    }

    private static long NumberOf(ReadOnlySpan<byte> body)
    {
        var reading = JsonElement.Parse(body);
        return (long)(reading.GetProperty("measurement_value").GetDecimal() * 1_000_000m);
    }
}
