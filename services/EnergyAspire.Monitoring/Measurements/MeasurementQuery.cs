using System.Runtime.CompilerServices;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Queries;
using EnergyAspire.Monitoring.Readings;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Measurements;

/// <summary>Reads raw readings of devices, ordered by time, newest first, and then by device.</summary>
internal static class MeasurementQuery
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    // Most rows that one window of a page query should read.
    private const int MostLookedAt = 200_000;

    /// <summary>Reads the newest readings of spans of time.</summary>
    /// <param name="asked">Devices that the caller may see.</param>
    /// <param name="after">Position after which the readings start; null to start with the newest.</param>
    /// <param name="most">Most readings to return.</param>
    /// <remarks>
    /// PostgreSQL plans for every partition in the queried span. With 400 partitions that takes far longer than reading the newest readings. So the
    /// first query covers a window that should hold enough readings by the devices' intervals. If it doesn't, growing windows before it follow.
    /// </remarks>
    public static async Task<List<StoredReading>> NewestAsync(
        this MonitoringDbContext db, AskedReadings asked, ReadingPlace? after, int most, CancellationToken cancel)
    {
        var found = new List<StoredReading>();
        if (await db.KeptAsync(asked, cancel) is not var (from, to))
            return found;

        if (after is { Timestamp: var end } && end < to)
            to = end.AddMicroseconds(1);
        // One more day, because outages of a day are common. The limit matters with very many devices, where sorting a day would take too long.
        var window = Shorter((asked.TimeOf(2L * most) ?? to - from) + Day, asked.TimeOf(MostLookedAt) ?? to - from);
        for (DateTimeOffset start; to > from && found.Count < most; to = start)
        {
            start = to - from > window ? to - window : from;
            found.AddRange(await Stream(db, asked, start, to, after, most - found.Count).ToListAsync(cancel));
            window = (long)asked.Ids.Length * most <= MostLookedAt ? to - from : window * 8;
        }

        return found;
    }

    /// <summary>Streams all readings of spans of time.</summary>
    public static async IAsyncEnumerable<StoredReading> AllAsync(
        this MonitoringDbContext db, AskedReadings asked, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (await db.KeptAsync(asked, cancel) is not var (from, to))
            yield break;

        // One device's readings are already sorted in the index. Those of several devices are sorted one day at a time.
        var window = asked.Ids.Length == 1 ? to - from : Day;
        for (DateTimeOffset start; to > from; to = start)
        {
            start = to - from > window ? to - window : from;
            await foreach (var reading in Stream(db, asked, start, to, after: null, most: null).AsAsyncEnumerable().WithCancellation(cancel))
                yield return reading;
        }
    }

    /// <summary>Returns the part of the spans that has partitions; null when there is none.</summary>
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
            select device_id, timestamp, energy, register_value, spread_seconds
            from unnest({asked.Ids}, {asked.From}, {asked.To}) as asked (id, starts, ends)
            cross join lateral (
                select device_id, timestamp, energy, register_value, spread_seconds from readings
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
/// <param name="RegisterValue">The register in milliwatt-hours; null for the energy of an interval.</param>
/// <param name="SpreadSeconds">Seconds that the energy is spread over; null when all of it belongs to the hour of the timestamp.</param>
internal sealed record StoredReading(Guid DeviceId, DateTimeOffset Timestamp, long Energy, long? RegisterValue, int? SpreadSeconds);

/// <summary>Position of a reading in a list that is sorted newest first.</summary>
/// <param name="Timestamp">Its time.</param>
/// <param name="DeviceId">Its device.</param>
internal readonly record struct ReadingPlace(DateTimeOffset Timestamp, Guid DeviceId);

/// <summary>
/// Devices of a query, each with its spans of time. The same dates are different instants in different zones, and a client sees a device only in the
/// times in which it belonged to them.
/// </summary>
internal sealed class AskedReadings
{
    private readonly double _perSecond;

    // Tolerance for other replicas whose clocks are ahead of this one's.
    private static readonly TimeSpan Margin = TimeSpan.FromHours(1);

    /// <param name="devices">Devices that the caller may see; each visible time is a span.</param>
    /// <param name="bounds">Dates of their sites, or times.</param>
    /// <param name="latest">Latest timestamp that a reading can have. It excludes the empty partitions of future days.</param>
    public AskedReadings(IReadOnlyList<VisibleDevice> devices, QueryBounds bounds, DateTimeOffset latest)
    {
        latest += Margin;
        var ranges = devices.Select(visible => visible.Device.TimeZone).Distinct()
            .ToDictionary(zone => zone, zone => bounds.At(TimeZoneInfo.FindSystemTimeZoneById(zone)), StringComparer.Ordinal);
        var spans = devices.SelectMany(
            visible => ranges[visible.Device.TimeZone] is var (from, to) ? visible.Within(from, to < latest ? to : latest) : [],
            (visible, span) => (visible.Device.Id, span)).ToArray();
        Ids = Array.ConvertAll(spans, asked => asked.Id);
        From = Array.ConvertAll(spans, asked => asked.span.From);
        To = Array.ConvertAll(spans, asked => asked.span.Until);
        _perSecond = devices.Sum(visible => 1.0 / visible.Device.ReportingIntervalSeconds);
    }

    /// <summary>The device of each span.</summary>
    public Guid[] Ids { get; }

    /// <summary>Start of each span.</summary>
    public DateTimeOffset[] From { get; }

    /// <summary>End of each span, exclusive.</summary>
    public DateTimeOffset[] To { get; }

    /// <summary>Returns how long the devices together take to send this many readings; null for longer than readings are ever kept.</summary>
    public TimeSpan? TimeOf(long readings) => readings / _perSecond is var seconds and < 1e9 ? TimeSpan.FromSeconds(seconds) : null;
}
