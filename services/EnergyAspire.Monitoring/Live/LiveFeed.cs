using System.Text.Json;
using EnergyAspire.Messaging;
using EnergyAspire.Monitoring.Readings;

namespace EnergyAspire.Monitoring.Live;

/// <summary>
/// Tells every replica, and through it the people who watch, what was committed here. Live updates are a view and no second truth: telling
/// never waits or fails, and what gets lost while the broker is away is still in the database.
/// </summary>
public sealed class LiveFeed : IDisposable
{
    /// <summary>What the other replicas don't know of yet.</summary>
    internal LiveChanges Waiting { get; } = new();

    /// <summary>Tells of the readings of a batch that was committed; duplicates among them do no harm.</summary>
    public void Announce(IReadOnlyList<ArrivedReading> batch) => Waiting.Add(batch
        .Where(arrived => arrived.Parsed.Reason is null)
        .Select(arrived => (arrived.Parsed.Reading.DeviceId, arrived.Parsed.Reading.Timestamp)));

    /// <summary>Tells those who may see a device of an alert that was committed, as the message <c>alert</c>.</summary>
    /// <param name="deviceId">Device that the alert is about.</param>
    /// <param name="alert">Object that is sent, in snake_case.</param>
    public void AnnounceAlert<TAlert>(Guid deviceId, TAlert alert) =>
        Waiting.Add(new LiveAlert(deviceId, JsonSerializer.SerializeToElement(alert, MessageJson.Options)));

    /// <inheritdoc />
    public void Dispose() => Waiting.Dispose();
}
