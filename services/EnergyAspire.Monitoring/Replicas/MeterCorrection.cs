using EnergyAspire.Contracts;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Hours;
using EnergyAspire.Monitoring.Registers;
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
                returning timestamp, energy, spread_seconds, register_value, register_decision
                """).ToListAsync(cancel);
            // Unclear ones of the meter belong to whom it measured for, too.
            await db.Database.ExecuteSqlAsync($"""
                update quarantined_readings set reason = {Reason}, device_id = {meter}
                where device_id = {device} and reason = {RegisterChain.Reason} and timestamp >= {from ?? DateTimeOffset.UnixEpoch} and timestamp < {until ?? DateTimeOffset.MaxValue}
                """, cancel);
            var hours = new HourChanges();
            foreach (var (timestamp, energy, spreadSeconds, _, _) in taken)
                hours.Subtract(device, timestamp, energy, spreadSeconds, zone);
            await hours.ApplyAsync(db, cancel);
            await TakenBackReadings.MoveAsync(
                db, Reason,
                taken.ConvertAll(reading => new TakenBackReading(
                    meter, meter, reading.Timestamp, reading.Energy, reading.RegisterValue, (RegisterDecision?)reading.RegisterDecision, $"It was stored for {device}, until its meters were corrected.")),
                [], cancel);
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

    private sealed record Taken(DateTimeOffset Timestamp, long Energy, int? SpreadSeconds, long? RegisterValue, short? RegisterDecision);
}
