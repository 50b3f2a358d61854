using System.Text.Json;
using EnergyAspire.Contracts;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Hours;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Replicas;

/// <summary>
/// Takes back readings that were stored for a device although, by a corrected list of its meters, their meter didn't measure for it. They go to
/// quarantine as if they had arrived now, from where they are stored for the device that they belong to.
/// </summary>
/// <remarks>Energy whose raw readings were dropped by retention stays.</remarks>
internal static class MeterCorrection
{
    /// <summary>Reason in quarantine of readings whose meter didn't measure for a device at their time.</summary>
    internal const string Reason = "meter_not_in_use";

    // Readings that are taken back have their own ledger rows, separate from those of the consumers, the retries and the import.
    private const int LedgerWriter = -3;

    /// <summary>
    /// Takes back the readings of all spans in which the device had another meter before. Call it in the transaction that changes the list, holding
    /// <see cref="HourLock"/>.
    /// </summary>
    /// <param name="device">Device id.</param>
    /// <param name="before">Meters by which its readings were stored.</param>
    /// <param name="after">Meters from now on.</param>
    /// <param name="zone">Zone of its site, which its hours were counted in.</param>
    public static async Task TakeBackAsync(
        MonitoringDbContext db, Guid device, IReadOnlyList<DeviceMeter> before, IReadOnlyList<DeviceMeter> after, TimeZoneInfo zone, CancellationToken cancel)
    {
        foreach (var (meter, from, until) in SpansOf(MeterUses.Of(before, device), [.. MeterUses.Of(after, device)]))
        {
            var taken = await db.Database.SqlQuery<Taken>($"""
                delete from readings where device_id = {device} and timestamp >= {from ?? DateTimeOffset.UnixEpoch} and timestamp < {until ?? DateTimeOffset.MaxValue}
                returning timestamp, energy, spread_seconds
                """).ToListAsync(cancel);
            if (taken.Count == 0)
                continue;

            var hours = new HourChanges();
            foreach (var (timestamp, energy, spreadSeconds) in taken)
                hours.Subtract(timestamp, energy, spreadSeconds, zone);
            await hours.ApplyAsync(db, device, cancel);
            await QuarantineAsync(db, device, meter, taken, cancel);
        }
    }

    /// <summary>Returns the spans in which a device has another meter than before, with the meter before.</summary>
    private static IEnumerable<MeterUse> SpansOf(IEnumerable<MeterUse> before, MeterUse[] after) =>
        from was in before
        from now in after
        let start = Nullable.Compare(was.From, now.From) > 0 ? was.From : now.From
        let end = was.Until is null || now.Until < was.Until ? now.Until : was.Until
        where was.MeterId != now.MeterId && !(start >= end)
        select new MeterUse(was.MeterId, start, end);

    private static async Task QuarantineAsync(MonitoringDbContext db, Guid device, Guid meter, List<Taken> taken, CancellationToken cancel)
    {
        await db.Database.ExecuteSqlAsync($"""
            insert into quarantined_readings (id, received_at, reason, detail, device_id, timestamp, body)
            select id, now(), {Reason}, {$"It was stored for {device}, until its meters were corrected."}, {meter}, timestamp, body
            from unnest(
                {taken.ConvertAll(_ => Guid.CreateVersion7()).ToArray()}, {taken.ConvertAll(reading => reading.Timestamp).ToArray()},
                {taken.ConvertAll(reading => BodyOf(reading, meter)).ToArray()}) as taken (id, timestamp, body)
            """, cancel);
        // Stored readings don't contain their time of arrival, so they leave the present hour of the ledger.
        await db.Database.ExecuteSqlAsync($"""
            insert into ledger as entry (hour, writer, received, stored, duplicates, quarantined)
            values (date_trunc('hour', now(), 'UTC'), {LedgerWriter}, 0, {-taken.Count}, 0, {taken.Count})
            on conflict (hour, writer) do update set stored = entry.stored + excluded.stored, quarantined = entry.quarantined + excluded.quarantined
            """, cancel);
    }

    /// <summary>Writes the message of a reading.</summary>
    private static byte[] BodyOf(Taken reading, Guid meter) => JsonSerializer.SerializeToUtf8Bytes(
        new { timestamp = reading.Timestamp.UtcDateTime, device_id = meter, measurement_value = Energy.ToKilowattHours(reading.Energy) });

    private sealed record Taken(DateTimeOffset Timestamp, long Energy, int? SpreadSeconds);
}
