using EnergyAspire.Contracts;
using EnergyAspire.Messaging.Outbox;
using EnergyAspire.Monitoring.Consumption;
using EnergyAspire.Monitoring.Data;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Alerts;

/// <summary>Raises alerts in the transaction that counts the readings.</summary>
internal static class AlertRaising
{
    /// <summary>Stores an alert for each high hour that has none of its kind yet, and announces those that passed their limit.</summary>
    /// <remarks>Whoever counts into an hour holds its row until the commit, so no two replicas raise the same alert.</remarks>
    /// <param name="db">Database, in the transaction in which the hours became high.</param>
    /// <param name="hours">High hours, each once.</param>
    /// <param name="now">When they are raised.</param>
    /// <param name="cancel">Set when the process stops.</param>
    /// <returns>The alerts that are new.</returns>
    public static async Task<IReadOnlyList<Alert>> RaiseAsync(
        this MonitoringDbContext db, IReadOnlyList<HighHour> hours, DateTimeOffset now, CancellationToken cancel)
    {
        if (hours.Count == 0)
            return [];

        var alerts = await db.Alerts.FromSql($"""
            insert into alerts (device_id, hour_start, kind, id, energy, projected, limit_energy, raised_at)
            select device_id, hour_start, kind, id, energy, projected, limit_energy, {now}
            from unnest(
                {hours.Select(hour => hour.DeviceId).ToArray()}, {hours.Select(hour => hour.HourStart).ToArray()},
                {hours.Select(hour => hour.Kind).ToArray()}, {hours.Select(_ => Guid.CreateVersion7(now)).ToArray()},
                {hours.Select(hour => hour.Energy).ToArray()}, {hours.Select(hour => hour.Projected).ToArray()},
                {hours.Select(hour => hour.LimitEnergy).ToArray()})
                as high (device_id, hour_start, kind, id, energy, projected, limit_energy)
            order by device_id, hour_start
            on conflict do nothing
            returning *
            """).AsNoTracking().ToListAsync(cancel);

        foreach (var alert in alerts.Where(alert => alert.Kind == AlertKind.Exceeded))
        {
            db.Announce(
                new OverconsumptionDetected(
                    alert.Id, alert.DeviceId, alert.HourStart,
                    Energy.ToKilowattHours(alert.Energy), Energy.ToKilowattHours(alert.LimitEnergy)),
                version: 1, now);
        }

        await db.SaveChangesAsync(cancel);

        return alerts;
    }
}
