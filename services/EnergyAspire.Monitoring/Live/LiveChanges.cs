using System.Text.Json;
using System.Text.Json.Serialization;
using EnergyAspire.Messaging;

namespace EnergyAspire.Monitoring.Live;

/// <summary>An alert to push to the connections that may see its device.</summary>
/// <param name="DeviceId">Device that it is about.</param>
/// <param name="Alert">The message as JSON.</param>
internal sealed record LiveAlert(Guid DeviceId, JsonElement Alert)
{
    /// <summary>Start of the hour that it is about.</summary>
    [JsonIgnore]
    public DateTimeOffset HourStart { get; } = Alert.GetProperty("hour_start").GetDateTimeOffset();
}

/// <summary>Changes that were collected since the last batch.</summary>
/// <param name="Devices">Devices with readings, each with the newest one's timestamp.</param>
/// <param name="Alerts">Alerts in the order they came.</param>
internal sealed record LiveBatch(Dictionary<Guid, DateTimeOffset> Devices, List<LiveAlert> Alerts)
{
    public bool IsEmpty => Devices.Count == 0 && Alerts.Count == 0;
}

/// <summary>Collects changes until they are taken, each device once. Adding never waits, and the number of held changes is bounded.</summary>
internal sealed class LiveChanges : IDisposable
{
    // Above these limits the oldest alerts are dropped and further devices are ignored. The API still has them.
    private const int MostDevices = 100_000;
    private const int MostAlerts = 1000;

    private readonly Lock _lock = new();
    private readonly Signal _added = new();
    private LiveBatch _held = new([], []);

    public void Add(IEnumerable<(Guid DeviceId, DateTimeOffset Timestamp)> readings)
    {
        lock (_lock)
        {
            foreach (var (device, timestamp) in readings)
                Hold(device, timestamp);
        }

        _added.Set();
    }

    public void Add(LiveAlert alert)
    {
        lock (_lock)
        {
            Hold(alert);
        }

        _added.Set();
    }

    /// <summary>Puts back a batch that could not be passed on.</summary>
    public void Add(LiveBatch batch)
    {
        lock (_lock)
        {
            foreach (var (device, timestamp) in batch.Devices)
                Hold(device, timestamp);
            foreach (var alert in batch.Alerts)
                Hold(alert);
        }

        _added.Set();
    }

    /// <summary>Waits until there is something to take, at most this long.</summary>
    public Task WaitAsync(TimeSpan longest, CancellationToken cancel) => _added.WaitAsync(longest, cancel);

    public LiveBatch Take()
    {
        lock (_lock)
        {
            var taken = _held;
            _held = new LiveBatch(new Dictionary<Guid, DateTimeOffset>(taken.Devices.Count), []);
            return taken;
        }
    }

    /// <summary>Ends the current wait although nothing was added.</summary>
    public void Nudge() => _added.Set();

    public void Dispose() => _added.Dispose();

    private void Hold(Guid device, DateTimeOffset timestamp)
    {
        if (_held.Devices.TryGetValue(device, out var newest) ? newest < timestamp : _held.Devices.Count < MostDevices)
            _held.Devices[device] = timestamp;
    }

    private void Hold(LiveAlert alert)
    {
        if (_held.Alerts.Count == MostAlerts)
            _held.Alerts.RemoveAt(0);
        _held.Alerts.Add(alert);
    }
}
