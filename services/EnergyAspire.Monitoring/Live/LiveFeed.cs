using System.Text.Json;
using EnergyAspire.Messaging;
using EnergyAspire.Monitoring.Alerts;
using EnergyAspire.Monitoring.Readings;

namespace EnergyAspire.Monitoring.Live;

/// <summary>
/// Queues what this replica committed for all replicas, which push it to their live connections. Delivery is best effort: queuing never waits or
/// fails. An update that is lost while the broker is unavailable is still in the database.
/// </summary>
public sealed class LiveFeed : ICommitObserver, IDisposable
{
    /// <summary>Committed changes that have not been published yet.</summary>
    internal LiveChanges Waiting { get; } = new();

    /// <inheritdoc />
    /// <remarks>Of the alerts, only notices are sent. Duplicate readings are not filtered out: they only cause a push of the same state.</remarks>
    public void Committed(IReadOnlyList<ArrivedReading> batch, IReadOnlyList<RaisedAlert> alerts)
    {
        Waiting.Add(batch
            .Where(arrived => arrived.Parsed.Reason is null)
            .Select(arrived => (arrived.Parsed.Reading.DeviceId, arrived.Parsed.Reading.Timestamp)));
        foreach (var (alert, device, _) in alerts.Where(alert => alert.IsNotice))
            Waiting.Add(new LiveAlert(alert.DeviceId, JsonSerializer.SerializeToElement(AlertResponse.From(alert, device), MessageJson.Options)));
    }

    /// <inheritdoc />
    public void Dispose() => Waiting.Dispose();
}
