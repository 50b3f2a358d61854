using EnergyAspire.Monitoring.Alerts;
using EnergyAspire.Monitoring.Consumption;
using EnergyAspire.Monitoring.Data;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;

namespace EnergyAspire.Monitoring.Readings;

/// <summary>A reading on its way into the database.</summary>
/// <param name="Body">Original bytes.</param>
/// <param name="ReceivedAt">When it arrived; decides its hour in the ledger.</param>
/// <param name="Parsed">What the bytes say.</param>
/// <param name="Id">Id that it had in quarantine, and has there again when it is refused; null when it arrives for the first time.</param>
public sealed record ArrivedReading(byte[] Body, DateTimeOffset ReceivedAt, ParsedReading Parsed, Guid? Id = null)
{
    /// <summary>The same reading on its way to quarantine, because the database refused it.</summary>
    internal ArrivedReading RefusedBecause(string message) =>
        this with { Parsed = Parsed with { Reason = QuarantineReason.Rejected, Detail = message } };
}

/// <summary>How many readings of a batch ended where.</summary>
/// <param name="Stored">New readings.</param>
/// <param name="Duplicates">Readings that were there before with the same value.</param>
/// <param name="Quarantined">Readings that were not accepted, by reason.</param>
/// <param name="Alerts">Hours that passed their device's limit by this batch, or are on the way there.</param>
public sealed record BatchResult(int Stored, int Duplicates, IReadOnlyDictionary<string, int> Quarantined, IReadOnlyList<RaisedAlert> Alerts);

/// <summary>Stores batches of readings: new rows, their hourly totals, quarantine, ledger and alerts, all in the caller's transaction.</summary>
/// <remarks>Rows are locked in one order (readings, then hours, each by device and time), so that consumers never deadlock.</remarks>
public static class ReadingStore
{
    // Reads the devices inside the transaction, so that no cache has to be told of other replicas' events, and behind the lock, so that
    // none of them gets another zone before the batch is counted.
    private const string SelectDevices = """
        select id, time_zone, max_consumption, reporting_interval_seconds from device_replicas where id = any($1) and not is_deleted
        """;

    /// <remarks>
    /// An hour is high when it passed its limit, or when it runs and its readings so far come to more for the whole hour; a quarter of the
    /// expected ones and two at least, because a single one says little.
    /// </remarks>
    internal const string InsertNewReadingsAndAddThemToTheirHours = """
        with incoming as (
            select * from unnest($1::int[], $2::uuid[], $3::timestamptz[], $4::bigint[], $5::timestamptz[], $6::bigint[], $7::int[])
                as r (position, device_id, timestamp, energy, hour_start, limit_energy, running_count)
        ),
        inserted as (
            insert into readings (device_id, timestamp, energy)
            select device_id, timestamp, energy from incoming order by device_id, timestamp
            on conflict do nothing
            returning device_id, timestamp
        ),
        fresh as (
            select incoming.* from inserted join incoming using (device_id, timestamp)
        ),
        added as (
            select device_id, hour_start, sum(energy) as energy, count(*) as reading_count,
                min(position) as position, min(limit_energy) as limit_energy, min(running_count) as running_count
            from fresh group by device_id, hour_start
        ),
        hours as (
            insert into hourly_consumption as hour (device_id, hour_start, energy, reading_count)
            select device_id, hour_start, energy, reading_count from added order by device_id, hour_start
            on conflict (device_id, hour_start) do update set
                energy = hour.energy + excluded.energy, reading_count = hour.reading_count + excluded.reading_count
            returning device_id, hour_start, energy, reading_count
        ),
        high as (
            select position, hours.energy,
                case when hours.energy > limit_energy then hours.energy
                    else (hours.energy::float8 * running_count / hours.reading_count)::bigint end as projected
            from hours join added using (device_id, hour_start)
            where hours.energy > limit_energy
                or (hours.energy::float8 * running_count > limit_energy::float8 * hours.reading_count
                    and hours.reading_count >= 2 and hours.reading_count * 4 >= running_count)
        )
        select stored.*, high.*
        from (select coalesce(array_agg(position), '{}') from fresh) as stored,
            (select coalesce(array_agg(position), '{}'), coalesce(array_agg(energy), '{}'), coalesce(array_agg(projected), '{}') from high) as high
        """;

    private const string SelectStoredEnergies = """
        select position, readings.energy
        from unnest($1::int[], $2::uuid[], $3::timestamptz[]) as r (position, device_id, timestamp)
        join readings using (device_id, timestamp)
        """;

    private const string InsertQuarantined = """
        insert into quarantined_readings (id, received_at, reason, detail, device_id, timestamp, body)
        select * from unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::uuid[], $6::timestamptz[], $7::bytea[])
        """;

    internal const string AddToLedger = """
        insert into ledger as entry (hour, writer, received, stored, duplicates, quarantined)
        select hour, $1, received, stored, duplicates, quarantined
        from unnest($2::timestamptz[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
            as added (hour, received, stored, duplicates, quarantined)
        order by hour
        on conflict (hour, writer) do update set
            received = entry.received + excluded.received, stored = entry.stored + excluded.stored,
            duplicates = entry.duplicates + excluded.duplicates, quarantined = entry.quarantined + excluded.quarantined
        """;

    /// <summary>Stores a batch; nothing is visible before the caller commits.</summary>
    /// <param name="db">Database, in a transaction.</param>
    /// <param name="batch">Readings that arrived for the first time, or come back from quarantine.</param>
    /// <param name="writer">Number of the consumer, for the ledger.</param>
    /// <param name="isReplay">Whether the batch was counted as received and quarantined before.</param>
    /// <param name="now">Which hours are running.</param>
    /// <param name="cancel">Set when the process stops.</param>
    public static async Task<BatchResult> StoreAsync(
        MonitoringDbContext db, IReadOnlyList<ArrivedReading> batch, int writer, bool isReplay, DateTimeOffset now, CancellationToken cancel)
    {
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        var outcomes = new Outcome[batch.Count];
        var meters = await MetersAsync(connection, batch, cancel);
        var (candidates, repeats) = Sort(batch, meters, now, outcomes);

        var highHours = await InsertAsync(connection, candidates, meters, now, outcomes, cancel);
        var stored = await CompareHeldAsync(connection, candidates, outcomes, cancel);
        foreach (var (position, first) in repeats)
            outcomes[position] = Outcome.Again(batch[position].Parsed.Reading.Energy, stored[first]);

        await QuarantineAsync(connection, batch, outcomes, cancel);
        await AddToLedgerAsync(connection, batch, outcomes, writer, isReplay, cancel);
        var alerts = await db.RaiseAsync(highHours, now, cancel);

        return new BatchResult(
            outcomes.Count(outcome => outcome.IsStored),
            outcomes.Count(outcome => outcome.IsDuplicate),
            outcomes.Where(outcome => outcome.Reason is not null).GroupBy(outcome => outcome.Reason!, StringComparer.Ordinal)
                .ToDictionary(reason => reason.Key, reason => reason.Count(), StringComparer.Ordinal),
            alerts);
    }

    private static async Task<Dictionary<Guid, Meter>> MetersAsync(
        NpgsqlConnection connection, IReadOnlyList<ArrivedReading> batch, CancellationToken cancel)
    {
        var meters = new Dictionary<Guid, Meter>();
        var devices = batch.Where(arrived => arrived.Parsed.Reason is null).Select(arrived => arrived.Parsed.Reading.DeviceId).Distinct().ToArray();
        if (devices.Length == 0)
            return meters;

        await using var batched = new NpgsqlBatch(connection)
        {
            BatchCommands = { new(HourLock.Share), new(SelectDevices) { Parameters = { new() { Value = devices } } } },
        };
        await using var rows = await batched.ExecuteReaderAsync(cancel);
        await rows.NextResultAsync(cancel);
        while (await rows.ReadAsync(cancel))
        {
            meters[rows.GetGuid(0)] = new Meter(
                TimeZoneInfo.TryFindSystemTimeZoneById(rows.GetString(1), out var zone) ? zone : null,
                Energy.FromKilowattHours(rows.GetDecimal(2)), rows.GetInt32(3));
        }

        return meters;
    }

    /// <summary>Decides what the batch alone tells: which readings may be new, and which repeat an earlier one of the batch.</summary>
    private static (List<Candidate> Candidates, List<(int Position, int First)> Repeats) Sort(
        IReadOnlyList<ArrivedReading> batch, Dictionary<Guid, Meter> meters, DateTimeOffset now, Outcome[] outcomes)
    {
        var firsts = new Dictionary<(Guid, DateTimeOffset), int>(batch.Count);
        var candidates = new List<Candidate>(batch.Count);
        var repeats = new List<(int, int)>();
        for (var position = 0; position < batch.Count; position++)
        {
            var (reading, reason, detail) = batch[position].Parsed;
            if (reason is not null)
                outcomes[position] = Outcome.Quarantined(reason, detail);
            else if (!meters.TryGetValue(reading.DeviceId, out var meter))
                outcomes[position] = Outcome.Quarantined(QuarantineReason.UnknownDevice, null);
            else if (meter.Zone is null)
                outcomes[position] = Outcome.Quarantined(QuarantineReason.Rejected, "This machine doesn't know the device's time zone.");
            else if (firsts.TryAdd((reading.DeviceId, reading.Timestamp), position))
                candidates.Add(Candidate.Of(position, reading, meter.Zone, meter, now));
            else
                repeats.Add((position, firsts[(reading.DeviceId, reading.Timestamp)]));
        }

        return (candidates, repeats);
    }

    /// <summary>Inserts what is new and returns the hours that are high with it.</summary>
    private static async Task<List<HighHour>> InsertAsync(
        NpgsqlConnection connection, List<Candidate> candidates, Dictionary<Guid, Meter> meters, DateTimeOffset now, Outcome[] outcomes,
        CancellationToken cancel)
    {
        if (candidates.Count == 0)
            return [];

        await using var insert = new NpgsqlCommand(InsertNewReadingsAndAddThemToTheirHours, connection)
        {
            Parameters =
            {
                new() { Value = candidates.ConvertAll(candidate => candidate.Position) },
                new() { Value = candidates.ConvertAll(candidate => candidate.Reading.DeviceId) },
                new() { Value = candidates.ConvertAll(candidate => candidate.Reading.Timestamp) },
                new() { Value = candidates.ConvertAll(candidate => candidate.Reading.Energy) },
                new() { Value = candidates.ConvertAll(candidate => candidate.HourStart) },
                new() { Value = candidates.ConvertAll(candidate => candidate.LimitEnergy) },
                new() { Value = candidates.ConvertAll(candidate => candidate.RunningCount) },
            },
        };
        await using var rows = await insert.ExecuteReaderAsync(cancel);
        await rows.ReadAsync(cancel);
        foreach (var position in rows.GetFieldValue<int[]>(0))
            outcomes[position] = Outcome.Stored;

        var positions = rows.GetFieldValue<int[]>(1);
        if (positions.Length == 0)
            return [];

        var (energies, projections) = (rows.GetFieldValue<long[]>(2), rows.GetFieldValue<long[]>(3));
        var byPosition = candidates.ToDictionary(candidate => candidate.Position);

        return [.. positions.Select((position, index) =>
        {
            var candidate = byPosition[position];
            var meter = meters[candidate.Reading.DeviceId];
            return new HighHour(
                candidate.Reading.DeviceId, candidate.HourStart, energies[index], projections[index], candidate.LimitEnergy,
                meter.IsLate(candidate.HourStart, now), meter.Zone!);
        })];
    }

    /// <summary>Compares what was there before with what came, and returns the energy that is stored for each candidate, by position.</summary>
    private static async Task<Dictionary<int, long>> CompareHeldAsync(
        NpgsqlConnection connection, List<Candidate> candidates, Outcome[] outcomes, CancellationToken cancel)
    {
        var stored = candidates.ToDictionary(candidate => candidate.Position, candidate => candidate.Reading.Energy);
        var held = candidates.FindAll(candidate => !outcomes[candidate.Position].IsStored);
        if (held.Count == 0)
            return stored;

        // A statement of its own: it sees rows that another consumer committed while the first one ran.
        await using var select = new NpgsqlCommand(SelectStoredEnergies, connection)
        {
            Parameters =
            {
                new() { Value = held.ConvertAll(candidate => candidate.Position) },
                new() { Value = held.ConvertAll(candidate => candidate.Reading.DeviceId) },
                new() { Value = held.ConvertAll(candidate => candidate.Reading.Timestamp) },
            },
        };
        await using var rows = await select.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
        {
            var (position, energy) = (rows.GetInt32(0), rows.GetInt64(1));
            outcomes[position] = Outcome.Again(stored[position], energy);
            stored[position] = energy;
        }

        return stored;
    }

    private static async Task QuarantineAsync(
        NpgsqlConnection connection, IReadOnlyList<ArrivedReading> batch, Outcome[] outcomes, CancellationToken cancel)
    {
        var refused = Enumerable.Range(0, batch.Count).Where(position => outcomes[position].Reason is not null).ToArray();
        if (refused.Length == 0)
            return;

        await using var insert = new NpgsqlCommand(InsertQuarantined, connection)
        {
            Parameters =
            {
                new() { Value = Array.ConvertAll(refused, position => batch[position].Id ?? Guid.CreateVersion7(batch[position].ReceivedAt)) },
                new() { Value = Array.ConvertAll(refused, position => batch[position].ReceivedAt) },
                new() { Value = Array.ConvertAll(refused, position => outcomes[position].Reason!) },
                new() { Value = Array.ConvertAll(refused, position => outcomes[position].Detail), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
                new() { Value = Array.ConvertAll(refused, position => DeviceOf(batch[position])), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid },
                new() { Value = Array.ConvertAll(refused, position => TimestampOf(batch[position])), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz },
                new() { Value = Array.ConvertAll(refused, position => batch[position].Body) },
            },
        };
        await insert.ExecuteNonQueryAsync(cancel);
    }

    private static async Task AddToLedgerAsync(
        NpgsqlConnection connection, IReadOnlyList<ArrivedReading> batch, Outcome[] outcomes, int writer, bool isReplay, CancellationToken cancel)
    {
        var hours = Enumerable.Range(0, batch.Count)
            .GroupBy(position => SiteClock.HourStart(batch[position].ReceivedAt, TimeZoneInfo.Utc))
            .Select(hour => new
            {
                Hour = hour.Key,
                Received = isReplay ? 0L : hour.Count(),
                Stored = hour.LongCount(position => outcomes[position].IsStored),
                Duplicates = hour.LongCount(position => outcomes[position].IsDuplicate),
                // A reading that comes back from quarantine has left it.
                Quarantined = hour.LongCount(position => outcomes[position].Reason is not null) - (isReplay ? hour.Count() : 0),
            })
            .ToList();

        await using var upsert = new NpgsqlCommand(AddToLedger, connection)
        {
            Parameters =
            {
                new() { Value = writer },
                new() { Value = hours.ConvertAll(hour => hour.Hour) },
                new() { Value = hours.ConvertAll(hour => hour.Received) },
                new() { Value = hours.ConvertAll(hour => hour.Stored) },
                new() { Value = hours.ConvertAll(hour => hour.Duplicates) },
                new() { Value = hours.ConvertAll(hour => hour.Quarantined) },
            },
        };
        await upsert.ExecuteNonQueryAsync(cancel);
    }

    private static Guid? DeviceOf(ArrivedReading arrived) =>
        arrived.Parsed.Reading.DeviceId == Guid.Empty ? null : arrived.Parsed.Reading.DeviceId;

    private static DateTimeOffset? TimestampOf(ArrivedReading arrived) =>
        arrived.Parsed.Reading.Timestamp == default ? null : arrived.Parsed.Reading.Timestamp;

    /// <summary>What a batch needs to know of a device.</summary>
    /// <param name="Zone">Zone of its site; null when this machine doesn't know it.</param>
    /// <param name="LimitEnergy">Milliwatt-hours that a clock hour should not pass.</param>
    /// <param name="IntervalSeconds">Seconds between two readings.</param>
    private readonly record struct Meter(TimeZoneInfo? Zone, long LimitEnergy, int IntervalSeconds)
    {
        // Beyond the interval at whose end a meter reports: meters may send an hour's readings together.
        private static readonly TimeSpan Patience = TimeSpan.FromHours(1);

        /// <summary>Whether an hour has been over for longer than its readings take to come.</summary>
        public bool IsLate(DateTimeOffset hourStart, DateTimeOffset now) =>
            SiteClock.NextHour(hourStart, Zone!) + TimeSpan.FromSeconds(IntervalSeconds) + Patience < now;
    }

    /// <summary>A reading that may be new.</summary>
    /// <param name="Position">Where it stands in the batch.</param>
    /// <param name="Reading">What it says.</param>
    /// <param name="HourStart">Start of its clock hour.</param>
    /// <param name="LimitEnergy">Milliwatt-hours that the hour should not pass.</param>
    /// <param name="RunningCount">How many readings the whole hour should bring while it runs; 0 when it is over.</param>
    private readonly record struct Candidate(int Position, Reading Reading, DateTimeOffset HourStart, long LimitEnergy, int RunningCount)
    {
        public static Candidate Of(int position, Reading reading, TimeZoneInfo zone, Meter meter, DateTimeOffset now)
        {
            var start = SiteClock.HourStart(reading.Timestamp, zone);
            var end = start.AddHours(1) > now ? SiteClock.NextHour(start, zone) : start;
            return new Candidate(
                position, reading, start, meter.LimitEnergy, end > now ? ExpectedReadings.Between(start, end, meter.IntervalSeconds) : 0);
        }
    }

    private readonly record struct Outcome(bool IsStored, bool IsDuplicate, string? Reason, string? Detail)
    {
        public static readonly Outcome Stored = new(IsStored: true, IsDuplicate: false, null, null);

        public static Outcome Quarantined(string reason, string? detail) => new(IsStored: false, IsDuplicate: false, reason, detail);

        public static Outcome Again(long energy, long storedEnergy) => energy == storedEnergy
            ? new Outcome(IsStored: false, IsDuplicate: true, null, null)
            : Quarantined(QuarantineReason.ConflictingDuplicate, $"{storedEnergy} mWh are stored, {energy} mWh came");
    }
}
