using System.Text.Json;
using EnergyAspire.Messaging;
using EnergyAspire.Monitoring.Alerts;
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

    /// <summary>Tells of a batch that was committed.</summary>
    /// <param name="batch">Readings; duplicates among them do no harm.</param>
    /// <param name="alerts">Alerts that were raised with them; those that are notices go out as the message <c>alert</c>.</param>
    public void Announce(IReadOnlyList<ArrivedReading> batch, IReadOnlyList<RaisedAlert> alerts)
    {
        Waiting.Add(batch
            .Where(arrived => arrived.Parsed.Reason is null)
            .Select(arrived => (arrived.Parsed.Reading.DeviceId, arrived.Parsed.Reading.Timestamp)));
        foreach (var (alert, zone, _) in alerts.Where(alert => alert.IsNotice))
            Waiting.Add(new LiveAlert(alert.DeviceId, JsonSerializer.SerializeToElement(AlertResponse.From(alert, zone), MessageJson.Options)));
    }

    /// <inheritdoc />
    public void Dispose() => Waiting.Dispose();
}
