using System.Runtime.CompilerServices;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Queries;
using EnergyAspire.Monitoring.Readings;
using EnergyAspire.Monitoring.Replicas;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Measurements;

/// <summary>Reads raw readings of devices, newest first and of the same time by device.</summary>
internal static class MeasurementQuery
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    // So many rows may be looked at to find a page.
    private const int MostLookedAt = 200_000;

    /// <summary>Reads the newest readings of spans of time.</summary>
    /// <param name="db">Database.</param>
    /// <param name="asked">Devices that the caller may see.</param>
    /// <param name="after">Place that the readings come after; null to begin with the newest.</param>
    /// <param name="most">Most readings to return.</param>
    /// <param name="cancel">Set when the caller goes away.</param>
    /// <remarks>
    /// PostgreSQL plans for every partition that a span touches, and with 400 of them that takes far longer than reading the newest
    /// readings. So they are sought first where that many should be by the devices' intervals, then in growing windows before that.
    /// </remarks>
    public static async Task<List<StoredReading>> NewestAsync(
        this MonitoringDbContext db, AskedReadings asked, ReadingPlace? after, int most, CancellationToken cancel)
    {
        var found = new List<StoredReading>();
        if (await db.KeptAsync(asked, cancel) is not var (from, to))
            return found;

        if (after is { Timestamp: var end } && end < to)
            to = end.AddMicroseconds(1);
        // An outage of a day is usual; with very many devices a day is too much to sort.
        var window = Shorter((asked.TimeOf(2L * most) ?? to - from) + Day, asked.TimeOf(MostLookedAt) ?? to - from);
        for (DateTimeOffset start; to > from && found.Count < most; to = start)
        {
            start = to - from > window ? to - window : from;
            found.AddRange(await Stream(db, asked, start, to, after, most - found.Count).ToListAsync(cancel));
            window = (long)asked.Ids.Length * most <= MostLookedAt ? to - from : window * 8;
        }

        return found;
    }

    /// <summary>Reads all readings of spans of time while they are consumed.</summary>
    public static async IAsyncEnumerable<StoredReading> AllAsync(
        this MonitoringDbContext db, AskedReadings asked, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (await db.KeptAsync(asked, cancel) is not var (from, to))
            yield break;

        // The readings of one device come sorted from the index; of several a day's are sorted at a time.
        var window = asked.Ids.Length == 1 ? to - from : Day;
        for (DateTimeOffset start; to > from; to = start)
        {
            start = to - from > window ? to - window : from;
            await foreach (var reading in Stream(db, asked, start, to, after: null, most: null).AsAsyncEnumerable().WithCancellation(cancel))
                yield return reading;
        }
    }

    /// <summary>The part of all the spans of which there are partitions; null when there is none.</summary>
    private static async Task<(DateTimeOffset From, DateTimeOffset To)?> KeptAsync(
        this MonitoringDbContext db, AskedReadings asked, CancellationToken cancel)
    {
        if (asked.Ids.Length == 0 || await ReadingPartitions.KeptDaysAsync(db, cancel) is not var (first, last))
            return null;

        var (from, to) = (asked.From.Min(), asked.To.Max());
        from = from > first ? from : first;
        to = to < last ? to : last;

        return from < to ? (from, to) : null;
    }

    private static IQueryable<StoredReading> Stream(
        MonitoringDbContext db, AskedReadings asked, DateTimeOffset from, DateTimeOffset to, ReadingPlace? after, int? most)
    {
        var (last, lastDevice) = after ?? new ReadingPlace(to, Guid.Empty);
        return db.Database.SqlQuery<StoredReading>($"""
            select device_id, timestamp, energy
            from unnest({asked.Ids}, {asked.From}, {asked.To}) as asked (id, starts, ends)
            cross join lateral (
                select device_id, timestamp, energy from readings
                where device_id = asked.id and timestamp >= {from} and timestamp < {to} and timestamp >= asked.starts and timestamp < asked.ends
                    and (timestamp < {last} or asked.id > {lastDevice})
                order by timestamp desc limit {most}) as reading
            order by timestamp desc, device_id limit {most}
            """);
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}

/// <summary>A stored reading.</summary>
/// <param name="DeviceId">Device that reported.</param>
/// <param name="Timestamp">Start of the interval.</param>
/// <param name="Energy">Milliwatt-hours.</param>
internal sealed record StoredReading(Guid DeviceId, DateTimeOffset Timestamp, long Energy);

/// <summary>Place of a reading in a list of the newest.</summary>
/// <param name="Timestamp">Its time.</param>
/// <param name="DeviceId">Its device.</param>
internal readonly record struct ReadingPlace(DateTimeOffset Timestamp, Guid DeviceId);

/// <summary>Whose readings are asked for, and of which time: dates mean another one at each site.</summary>
internal sealed class AskedReadings
{
    private readonly double _perSecond;

    // What other replicas' clocks may be ahead of this one's.
    private static readonly TimeSpan Margin = TimeSpan.FromHours(1);

    /// <param name="devices">Devices that the caller may see.</param>
    /// <param name="bounds">Dates of their sites, or times.</param>
    /// <param name="latest">No reading is accepted that is later; there are partitions for days to come, which needn't be looked at.</param>
    public AskedReadings(IReadOnlyList<DeviceReplica> devices, QueryBounds bounds, DateTimeOffset latest)
    {
        latest += Margin;
        var spans = devices.Select(device => device.TimeZone).Distinct()
            .ToDictionary(zone => zone, zone => bounds.At(TimeZoneInfo.FindSystemTimeZoneById(zone)), StringComparer.Ordinal);
        Ids = [.. devices.Select(device => device.Id)];
        From = [.. devices.Select(device => spans[device.TimeZone].From)];
        To = [.. devices.Select(device => spans[device.TimeZone].To is var to && to < latest ? to : latest)];
        _perSecond = devices.Sum(device => 1.0 / device.ReportingIntervalSeconds);
    }

    /// <summary>The devices.</summary>
    public Guid[] Ids { get; }

    /// <summary>Start of the span, for each.</summary>
    public DateTimeOffset[] From { get; }

    /// <summary>End of the span, for each.</summary>
    public DateTimeOffset[] To { get; }

    /// <summary>How long the devices take to send this many readings together; null for longer than readings are ever kept.</summary>
    public TimeSpan? TimeOf(long readings) => readings / _perSecond is var seconds and < 1e9 ? TimeSpan.FromSeconds(seconds) : null;
}
