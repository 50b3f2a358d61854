using EnergyAspire.Contracts;
using EnergyAspire.Messaging.Outbox;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Hours;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Alerts;

/// <summary>Raises alerts in the transaction that counts the readings.</summary>
internal static class AlertRaising
{
    // Late alerts of a device within this time of the previous one belong to one series. Only the first of a series is pushed to live viewers.
    private static readonly TimeSpan QuietAfterLate = TimeSpan.FromHours(1);

    /// <summary>Stores an alert for each high hour that has none of its kind yet, and announces exceeded limits as events.</summary>
    /// <remarks>
    /// Call it in the transaction in which the hours became high. A transaction that adds to an hour locks its row until the commit, so two
    /// replicas never raise the same alert.
    /// </remarks>
    /// <param name="hours">High hours, each once.</param>
    /// <param name="now">When they are raised.</param>
    /// <returns>The alerts that are new.</returns>
    public static async Task<IReadOnlyList<RaisedAlert>> RaiseAsync(
        this MonitoringDbContext db, IReadOnlyList<HighHour> hours, DateTimeOffset now, CancellationToken cancel)
    {
        if (hours.Count == 0)
            return [];

        var told = await ToldOfLateAsync(db, [.. hours.Where(hour => hour.IsLate).Select(hour => hour.DeviceId).Distinct()], now, cancel);
        var alerts = await db.Alerts.FromSql($"""
            insert into alerts (device_id, hour_start, kind, id, energy, projected, limit_energy, raised_at, is_late)
            select device_id, hour_start, kind, id, energy, projected, limit_energy, {now}, is_late
            from unnest(
                {hours.Select(hour => hour.DeviceId).ToArray()}, {hours.Select(hour => hour.HourStart).ToArray()},
                {hours.Select(hour => hour.Kind).ToArray()}, {hours.Select(_ => Guid.CreateVersion7(now)).ToArray()},
                {hours.Select(hour => hour.Energy).ToArray()}, {hours.Select(hour => hour.Projected).ToArray()},
                {hours.Select(hour => hour.LimitEnergy).ToArray()}, {hours.Select(hour => hour.IsLate).ToArray()})
                as high (device_id, hour_start, kind, id, energy, projected, limit_energy, is_late)
            order by device_id, hour_start
            on conflict do nothing
            returning *
            """).AsNoTracking().ToListAsync(cancel);
        if (alerts.Count == 0)
            return [];

        foreach (var alert in alerts.Where(alert => alert.Kind == AlertKind.Exceeded))
        {
            db.Announce(
                new OverconsumptionDetected(
                    alert.Id, alert.DeviceId, alert.HourStart,
                    Energy.ToKilowattHours(alert.Energy), Energy.ToKilowattHours(alert.LimitEnergy), alert.IsLate),
                version: 1, now);
        }

        await db.SaveChangesAsync(cancel);

        var devices = await db.Devices.AsNoTracking()
            .Where(device => alerts.Select(alert => alert.DeviceId).Contains(device.Id))
            .ToDictionaryAsync(device => device.Id, cancel);
        var notices = alerts.Where(alert => !alert.IsLate || !told.Contains(alert.DeviceId))
            .GroupBy(alert => (alert.DeviceId, alert.IsLate))
            .Select(device => device.MaxBy(alert => alert.HourStart)!.Id)
            .ToHashSet();

        return alerts.ConvertAll(alert => new RaisedAlert(alert, devices[alert.DeviceId], notices.Contains(alert.Id)));
    }

    /// <summary>
    /// Returns the devices that already had a late alert within <see cref="QuietAfterLate"/>. Concurrent transactions with late alerts of the same
    /// device wait for each other here, so only one of them sends a notice.
    /// </summary>
    private static async Task<HashSet<Guid>> ToldOfLateAsync(MonitoringDbContext db, Guid[] devices, DateTimeOffset now, CancellationToken cancel)
    {
        if (devices.Length == 0)
            return [];

        // Locked in a fixed order, so that two batches with the same devices don't deadlock.
        await db.Database.ExecuteSqlAsync($"""
            select pg_advisory_xact_lock(hashtext('late alerts'), device)
            from (select distinct hashtext(id::text) as device from unnest({devices}) as late (id) order by 1) as late
            """, cancel);
        var since = now - QuietAfterLate;
        var told = await db.Alerts
            .Where(alert => devices.Contains(alert.DeviceId) && alert.IsLate && alert.RaisedAt > since)
            .Select(alert => alert.DeviceId)
            .Distinct()
            .ToListAsync(cancel);

        return [.. told];
    }
}
