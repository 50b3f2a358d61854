using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.Contracts;
using EnergyAspire.Testing;
using RabbitMQ.Client;

namespace EnergyAspire.Chaos.Updates;

/// <summary>What one kind of request met.</summary>
/// <param name="Name">Kind of request.</param>
/// <param name="Milliseconds">Times of all requests.</param>
/// <param name="Failures">Descriptions of failed requests.</param>
internal sealed record RequestResults(string Name, ConcurrentQueue<double> Milliseconds, ConcurrentQueue<string> Failures);

/// <summary>Users who read and change data, and a meter that reports, until they are stopped. They never repeat a request.</summary>
internal sealed class Load(Installation installation) : IDisposable
{
    private const int Readers = 3;

    // Together 12 requests a second, which leaves a small machine time to start replicas.
    private static readonly TimeSpan BetweenReads = TimeSpan.FromMilliseconds(250);
    // An address may send one sign-in or registration a second.
    private static readonly TimeSpan BetweenRegistrations = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan BetweenChanges = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan FirstAnswers = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan BetweenReadings = TimeSpan.FromMilliseconds(20);

    // The readings have distinct times, a second apart.
    private readonly DateTimeOffset _first = DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds()).AddHours(-12);
    private readonly ConcurrentDictionary<string, RequestResults> _results = new(StringComparer.Ordinal);
    private HttpClient _client = null!;
    private Guid _device;
    private long _published;

    /// <summary>What the requests met, by kind.</summary>
    public IEnumerable<RequestResults> Results => _results.Values.OrderBy(result => result.Name, StringComparer.Ordinal);

    /// <summary>Number of readings that the broker confirmed.</summary>
    public long Published => Interlocked.Read(ref _published);

    /// <summary>Device that the meter belongs to.</summary>
    public Guid Device => _device;

    /// <summary>Name that the device was given last.</summary>
    public string DeviceName { get; private set; } = "";

    /// <summary>
    /// Signs in, registers the device, and sends each request until it succeeds, because the first ones to new processes may take longer than callers
    /// wait.
    /// </summary>
    public async Task PrepareAsync(CancellationToken cancel)
    {
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    _client = await installation.SignInAsync(cancel);
                    return true;
                }
                catch (InvalidOperationException)
                {
                    return false;
                }
            },
            "somebody is signed in", FirstAnswers);
        using var answer = await _client.PostAsJsonAsync(
            "/api/devices", new { name = "Meter", max_consumption = 1000, time_zone = "UTC", reporting_interval_seconds = 1 }, cancel);
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"The device can't be registered: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(cancel)}");
        _device = (await answer.Content.ReadFromJsonAsync<JsonElement>(cancel)).GetProperty("device").GetProperty("id").GetGuid();

        foreach (var page in Pages().Concat(Pages()))
            await Eventually.TrueAsync(() => RequestAsync("first", HttpMethod.Get, page, null), $"{page} is answered", FirstAnswers);
        await Eventually.TrueAsync(() => RegisterAsync(-1), "somebody is registered", FirstAnswers);
        _results.Clear();
    }

    /// <summary>Runs until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var pages = Pages();

        await Task.WhenAll(
        [
            .. Enumerable.Range(0, Readers).Select(reader => RepeatAsync(
                BetweenReads, number => RequestAsync("read", HttpMethod.Get, pages[(reader + number) % pages.Length], null), stop)),
            RepeatAsync(BetweenChanges, ChangeAsync, stop),
            RepeatAsync(BetweenRegistrations, RegisterAsync, stop),
            ReportAsync(stop),
        ]);
    }

    private string[] Pages()
    {
        var day = DateTimeOffset.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        return
        [
            "/session", "/api/auth/validate", "/api/users?limit=10", "/api/devices?limit=10", "/api/mappings?limit=10", "/api/auth/sagas?limit=10",
            $"/api/monitoring/hourly/daily?device_id={_device}&date={day}", $"/api/monitoring/measurements?device_id={_device}&limit=10",
        ];
    }

    private static async Task RepeatAsync(TimeSpan pause, Func<int, Task> request, CancellationToken stop)
    {
        for (var number = 0; !stop.IsCancellationRequested; number++)
        {
            await request(number);
            await Task.Delay(pause, CancellationToken.None);
        }
    }

    private async Task ChangeAsync(int number)
    {
        var name = $"Meter {number}";
        if (await RequestAsync("change", HttpMethod.Put, $"/api/devices/{_device}", new { name }))
            DeviceName = name;
    }

    private Task<bool> RegisterAsync(int number) => RequestAsync(
        "register", HttpMethod.Post, "/api/auth/register", new { username = $"person-{number + 1}", password = $"correct horse {number} battery" });

    private async Task<bool> RequestAsync(string kind, HttpMethod method, string path, object? body)
    {
        var results = _results.GetOrAdd(kind, name => new RequestResults(name, [], []));
        var started = Stopwatch.GetTimestamp();
        try
        {
            using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
            using var answer = await _client.SendAsync(request);
            if (answer.IsSuccessStatusCode)
                return true;

            results.Failures.Enqueue($"{method} {path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        }
        catch (HttpRequestException failure)
        {
            results.Failures.Enqueue($"{method} {path}: {failure.Message}");
        }
        finally
        {
            results.Milliseconds.Enqueue(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        return false;
    }

    public void Dispose() => _client?.Dispose();

    /// <summary>Time of the reading that is published next.</summary>
    public DateTimeOffset NextReading() => _first.AddSeconds(Published);

    /// <summary>Publishes one reading.</summary>
    public async Task PublishOneAsync(CancellationToken cancel)
    {
        await using var connection = await ConnectAsync(cancel);
        await using var channel = await OpenChannelAsync(connection, cancel);
        await PublishAsync(channel);
    }

    /// <summary>Publishes readings one after another.</summary>
    private async Task ReportAsync(CancellationToken stop)
    {
        await using var connection = await ConnectAsync(CancellationToken.None);
        await using var channel = await OpenChannelAsync(connection, CancellationToken.None);
        while (!stop.IsCancellationRequested)
        {
            await PublishAsync(channel);
            await Task.Delay(BetweenReadings, CancellationToken.None);
        }
    }

    /// <summary>Publishes a reading and waits for the broker's confirmation.</summary>
    private async Task PublishAsync(IChannel channel)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new { timestamp = NextReading(), device_id = _device, measurement_value = 0.001m });
        await channel.BasicPublishAsync("", Topology.ReadingQueue, mandatory: true, new BasicProperties { Persistent = true }, body);
        Interlocked.Increment(ref _published);
    }

    private Task<IConnection> ConnectAsync(CancellationToken cancel) => new ConnectionFactory { Uri = new Uri(installation.Broker) }.CreateConnectionAsync(cancel);

    private static Task<IChannel> OpenChannelAsync(IConnection connection, CancellationToken cancel) => connection.CreateChannelAsync(
        new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), cancel);
}
