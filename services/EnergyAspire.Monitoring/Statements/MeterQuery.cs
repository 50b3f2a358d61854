using EnergyAspire.Contracts;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Queries;
using EnergyAspire.Monitoring.Readings;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Statements;

/// <summary>A reading of a register.</summary>
/// <param name="Timestamp">When the meter was read.</param>
/// <param name="Value">The register in milliwatt-hours.</param>
/// <param name="HasNext">Whether the energy until the next reading is known.</param>
internal sealed record RegisterAt(DateTimeOffset Timestamp, long Value, bool HasNext);

/// <summary>A meter that was in use in a span of time, with its register at both ends.</summary>
/// <param name="Use">The meter, and the part of the span in which it was in use.</param>
/// <param name="First">Register at the start; null when unknown.</param>
/// <param name="Last">Register at the end; null when unknown.</param>
internal sealed record MeterEnds(MeterUse Use, RegisterAt? First, RegisterAt? Last);

/// <summary>Reads the registers of meters at the ends of spans of time.</summary>
internal static class MeterQuery
{
    // Nearly all meters are read within three days. The query plans for every partition that it could read.
    private static readonly TimeSpan[] Windows = [TimeSpan.FromDays(3), TimeSpan.FromDays(40), TimeSpan.FromDays(36_525)];

    private static readonly TimeSpan Microsecond = TimeSpan.FromMicroseconds(1);

    /// <summary>Reads the registers of devices. Devices whose meter reports the energy of intervals are left out.</summary>
    /// <param name="devices">Devices, each with spans of time.</param>
    public static async Task<ILookup<Guid, MeterEnds>> MeterEndsAsync(
        this MonitoringDbContext db, IReadOnlyCollection<(VisibleDevice Visible, IReadOnlyList<VisibleSpan> Times)> devices, CancellationToken cancel)
    {
        var uses = devices.Where(device => device.Visible.Device.RegisterDigits is not null)
            .SelectMany(device => device.Times.SelectMany(span => UsesIn(device.Visible, span))).ToList();
        if (uses is [] || await ReadingPartitions.KeptDaysAsync(db, cancel) is not var (kept, _))
            return uses.ToLookup(use => use.DeviceId, use => new MeterEnds(use.Part, First: null, Last: null));

        var firsts = await LastAsync(db, uses.ConvertAll(use => new AskedRegister(use.DeviceId, use.Use.From ?? kept, use.Part.From!.Value)), kept, cancel);
        var lasts = await LastAsync(db, uses.ConvertAll(use => new AskedRegister(use.DeviceId, use.Use.From ?? kept, use.Part.Until!.Value - (use.Part.Until == use.Use.Until ? Microsecond : default))), kept, cancel);
        // A meter without an earlier reading began within the span. Where retention has dropped earlier ones, nothing is known about the start.
        var begun = uses.Select((use, index) => (Use: use, Index: index)).Where(begun => firsts[begun.Index] is null).ToList();
        var after = await NextAsync(db, begun.ConvertAll(begun => new AskedRegister(begun.Use.DeviceId, begun.Use.Part.From!.Value, begun.Use.Part.Until!.Value)), cancel);
        for (var index = 0; index < begun.Count; index++)
            firsts[begun[index].Index] = after[index] is { } next && lasts[begun[index].Index] is { } last && next.Timestamp <= last.Timestamp ? next : null;

        return uses.Select((use, index) => (use.DeviceId, Ends: new MeterEnds(use.Part, firsts[index], lasts[index]))).ToLookup(use => use.DeviceId, use => use.Ends);
    }

    private static IEnumerable<(Guid DeviceId, MeterUse Use, MeterUse Part)> UsesIn(VisibleDevice visible, VisibleSpan span) =>
        from use in MeterUses.Of(visible.Device.Meters ?? [], visible.Device.Id)
        let part = new MeterUse(use.MeterId, use.From > span.From ? use.From : span.From, use.Until < span.Until ? use.Until : span.Until)
        where part.From < part.Until
        select (visible.Device.Id, use, part);

    /// <summary>Reads the last register at or before the end of each span; null when there is none that is kept.</summary>
    private static async Task<RegisterAt?[]> LastAsync(MonitoringDbContext db, List<AskedRegister> asked, DateTimeOffset kept, CancellationToken cancel)
    {
        var found = new RegisterAt?[asked.Count];
        foreach (var window in Windows)
        {
            var open = Enumerable.Range(0, found.Length).Where(index => found[index] is null && asked[index].Until >= kept).ToArray();
            if (open is [])
                break;

            var (earliest, latest) = (open.Min(index => asked[index].Until), open.Max(index => asked[index].Until));
            var since = earliest - kept > window ? earliest - window : kept;
            foreach (var row in await db.Database.SqlQuery<RegisterRow>($"""
                select number, timestamp, register_value as value, spread_seconds is not null as has_next
                from unnest({open}, {Array.ConvertAll(open, index => asked[index].DeviceId)}, {Array.ConvertAll(open, index => asked[index].From)}, {Array.ConvertAll(open, index => asked[index].Until)})
                    as asked (number, id, since, until)
                cross join lateral (
                    select timestamp, register_value, spread_seconds from readings
                    where device_id = asked.id and timestamp >= {since} and timestamp <= {latest} and timestamp >= asked.since and timestamp <= asked.until
                        and register_value is not null
                    order by timestamp desc limit 1) as reading
                """).ToListAsync(cancel))
                found[row.Number] = new RegisterAt(row.Timestamp, row.Value, row.HasNext);
            if (since == kept)
                break;
        }

        return found;
    }

    /// <summary>
    /// Reads the first register of each span; null when there is none, or when energy of an earlier one is counted, so that it was dropped.
    /// </summary>
    private static async Task<RegisterAt?[]> NextAsync(MonitoringDbContext db, List<AskedRegister> asked, CancellationToken cancel)
    {
        var found = new RegisterAt?[asked.Count];
        if (asked is [])
            return found;

        foreach (var row in await db.Database.SqlQuery<RegisterRow>($"""
            select number, timestamp, register_value as value, spread_seconds is not null as has_next
            from unnest({Enumerable.Range(0, found.Length).ToArray()}, {asked.Select(span => span.DeviceId).ToArray()}, {asked.Select(span => span.From).ToArray()}, {asked.Select(span => span.Until).ToArray()})
                as asked (number, id, since, until)
            cross join lateral (
                select timestamp, register_value, spread_seconds from readings
                where device_id = asked.id and timestamp >= {asked.Min(span => span.From)} and timestamp <= {asked.Max(span => span.Until)}
                    and timestamp >= asked.since and timestamp <= asked.until and register_value is not null
                order by timestamp limit 1) as reading
            where not exists (
                select from hourly_consumption
                where device_id = asked.id and hour_start >= {asked.Min(span => span.From)} and hour_start < {asked.Max(span => span.Until)}
                    and hour_start >= asked.since and hour_start <= reading.timestamp - interval '1 hour')
            """).ToListAsync(cancel))
            found[row.Number] = new RegisterAt(row.Timestamp, row.Value, row.HasNext);

        return found;
    }

    /// <summary>A span of time in which the readings of a device are of one meter.</summary>
    private sealed record AskedRegister(Guid DeviceId, DateTimeOffset From, DateTimeOffset Until);

    private sealed record RegisterRow(int Number, DateTimeOffset Timestamp, long Value, bool HasNext);
}
