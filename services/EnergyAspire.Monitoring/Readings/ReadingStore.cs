using EnergyAspire.Contracts;
using EnergyAspire.Data;
using EnergyAspire.Monitoring.Alerts;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Hours;
using EnergyAspire.Monitoring.Registers;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;

namespace EnergyAspire.Monitoring.Readings;

/// <summary>A reading that arrived and is to be stored.</summary>
/// <param name="Body">Original bytes.</param>
/// <param name="ReceivedAt">When it arrived; determines its hour in the ledger.</param>
/// <param name="Parsed">Result of parsing the bytes.</param>
/// <param name="Id">Id in quarantine, which it keeps when it is refused again; null for a first arrival.</param>
/// <param name="Decision">An admin's decision about a register reading; null when there is none.</param>
public sealed record ArrivedReading(byte[] Body, DateTimeOffset ReceivedAt, ParsedReading Parsed, Guid? Id = null, RegisterDecision? Decision = null)
{
    /// <summary>Returns the same reading, marked for quarantine because the database refused it.</summary>
    internal ArrivedReading RefusedBecause(string message) =>
        this with { Parsed = Parsed with { Reason = QuarantineReason.Rejected, Detail = message } };
}

/// <summary>How many readings of a batch were stored, were duplicates or were quarantined.</summary>
/// <param name="Stored">New readings.</param>
/// <param name="Duplicates">Readings that were already stored with the same value.</param>
/// <param name="Quarantined">Readings that were put into quarantine, by reason.</param>
/// <param name="Alerts">Alerts that this batch raised.</param>
/// <param name="Readings">The batch, with the ids of devices in place of those of their meters.</param>
public sealed record BatchResult(
    int Stored, int Duplicates, IReadOnlyDictionary<string, int> Quarantined, IReadOnlyList<RaisedAlert> Alerts, IReadOnlyList<ArrivedReading> Readings)
{
    /// <summary>Outcome of each reading.</summary>
    internal IReadOnlyList<ReadingOutcome> Outcomes { get; init; } = [];
}

/// <summary>Stores batches of readings: new rows, their hourly totals, quarantine, ledger and alerts, all in the caller's transaction.</summary>
/// <remarks>Rows are locked in a fixed order (readings, then hours, each by device and time), so that consumers don't deadlock.</remarks>
public static class ReadingStore
{
    // Live updates look for the latest readings of all devices of a batch since the oldest of their times.
    private static readonly TimeSpan LongestLive = TimeSpan.FromDays(1);

    // Devices are read inside the transaction, so that there is no cache to invalidate, and under the hour lock, so that no zone changes before the
    // batch is counted.
    private const string SelectDevices = """
        select id, time_zone, max_consumption, reporting_interval_seconds, case when settings <> '[]' then settings::text end,
            case when meters <> '[]' then meters::text end, register_digits
        from device_replicas
        where (id = any($1) or id = any(array(select device_id from meter_spans where meter_id = any($1)))) and not is_deleted
        """;

    /// <remarks>
    /// An hour is high when it exceeds its limit, or when it is running and the projection from its readings so far exceeds the limit. A projection
    /// needs a quarter of the expected readings and at least two, because a single one is not representative. A reading of which the hour has only the
    /// end counts as a whole one, so that the projection is rather too low than too high.
    /// </remarks>
    internal const string InsertNewReadingsAndAddThemToTheirHours = """
        with incoming as (
            select * from unnest($1::int[], $2::uuid[], $3::timestamptz[], $4::bigint[], $5::int[], $6::timestamptz[], $7::bigint[], $8::int[])
                as r (position, device_id, timestamp, energy, spread_seconds, hour_start, limit_energy, running_count)
        ),
        inserted as (
            insert into readings (device_id, timestamp, energy, spread_seconds)
            select device_id, timestamp, energy, nullif(spread_seconds, 0) from incoming order by device_id, timestamp
            on conflict do nothing
            returning device_id, timestamp
        ),
        fresh as (
            select incoming.* from inserted join incoming using (device_id, timestamp)
        ),
        added as (
            select device_id, hour_start, sum(energy) as energy, sum(starts) as reading_count, sum(1 - starts) as spread_count,
                min(position) as position, min(limit_energy) as limit_energy, min(running_count) as running_count
            from (
                select device_id, hour_start, energy, 1 as starts, position, limit_energy, running_count from fresh where spread_seconds = 0
                union all
                select fresh.device_id, share.hour_start, share.energy, share.starts, share.position, share.limit_energy, share.running_count
                from unnest($9::int[], $10::timestamptz[], $11::bigint[], $12::int[], $13::bigint[], $14::int[])
                    as share (position, hour_start, energy, starts, limit_energy, running_count)
                join fresh using (position)) as shares
            group by device_id, hour_start
        ),
        hours as (
            insert into hourly_consumption as hour (device_id, hour_start, energy, reading_count, spread_count)
            select device_id, hour_start, energy, reading_count, spread_count from added order by device_id, hour_start
            on conflict (device_id, hour_start) do update set
                energy = hour.energy + excluded.energy, reading_count = hour.reading_count + excluded.reading_count,
                spread_count = hour.spread_count + excluded.spread_count
            returning device_id, hour_start, energy, reading_count, reading_count + spread_count as share_count
        ),
        high as (
            select position, hour_start, limit_energy, hours.energy,
                case when hours.energy > limit_energy then hours.energy
                    else (hours.energy::float8 * running_count / hours.share_count)::bigint end as projected
            from hours join added using (device_id, hour_start)
            where hours.energy > limit_energy
                or (hours.energy::float8 * running_count > limit_energy::float8 * hours.share_count
                    and hours.reading_count >= 2 and hours.reading_count * 4 >= running_count)
        )
        select stored.*, high.*
        from (select coalesce(array_agg(position), '{}') from fresh) as stored,
            (select coalesce(array_agg(position), '{}'), coalesce(array_agg(hour_start), '{}'), coalesce(array_agg(limit_energy), '{}'),
                coalesce(array_agg(energy), '{}'), coalesce(array_agg(projected), '{}') from high) as high
        """;

    private const string SelectStoredEnergies = """
        select position, readings.energy
        from unnest($1::int[], $2::uuid[], $3::timestamptz[]) as r (position, device_id, timestamp)
        join readings using (device_id, timestamp)
        where timestamp >= $4 and timestamp <= $5
        """;

    private const string InsertQuarantined = """
        insert into quarantined_readings (id, received_at, reason, detail, device_id, timestamp, body, register_value)
        select * from unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::uuid[], $6::timestamptz[], $7::bytea[], $8::bigint[])
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

    /// <summary>Stores a batch in the caller's transaction. The caller must commit.</summary>
    /// <param name="batch">Readings.</param>
    /// <param name="writer">Number of the consumer, for the ledger.</param>
    /// <param name="source">Where they come from.</param>
    /// <param name="now">Time that determines which hours are running.</param>
    public static async Task<BatchResult> StoreAsync(
        MonitoringDbContext db, IReadOnlyList<ArrivedReading> batch, int writer, ReadingSource source, DateTimeOffset now, CancellationToken cancel)
    {
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        var outcomes = new ReadingOutcome[batch.Count];
        var (devices, owners) = await DevicesAsync(connection, batch, cancel);
        var (isImport, isPreview) = (source is ReadingSource.Import or ReadingSource.Preview, source is ReadingSource.Preview);
        batch = owners.Resolve(batch, namesDevices: isImport);
        var (candidates, repeats, registers) = Sort(batch, devices, now, outcomes);

        if (isImport)
            await ImportRefusals.RefuseDroppedAsync(db, batch, devices, candidates, repeats, registers, outcomes, cancel);

        var highHours = isPreview ? [] : await InsertAsync(connection, candidates, devices, now, outcomes, cancel);
        var stored = await CompareHeldAsync(connection, candidates, outcomes, cancel);
        foreach (var candidate in isPreview ? candidates.FindAll(candidate => outcomes[candidate.Position] == default) : [])
            outcomes[candidate.Position] = ReadingOutcome.Stored;
        foreach (var (position, first) in repeats)
            outcomes[position] = ReadingOutcome.Again(batch[position].Parsed.Reading.Energy, stored[first]);

        IReadOnlyList<TakenBackReading> takenBack = [];
        if (registers.Count > 0)
            (batch, highHours, takenBack) = await StoreRegistersAsync(db, batch, registers, devices, now, outcomes, highHours, isPreview, cancel);

        if (isImport)
            await ImportRefusals.RefuseAsync(db, batch, takenBack, outcomes, cancel);

        IReadOnlyList<RaisedAlert> alerts = [];
        if (!isPreview)
        {
            await QuarantineAsync(connection, batch, outcomes, cancel);
            await AddToLedgerAsync(connection, batch, outcomes, writer, isReplay: source is ReadingSource.Quarantine, cancel);
            alerts = await db.RaiseAsync(highHours, now, cancel);
        }

        return new BatchResult(
            outcomes.Count(outcome => outcome.IsStored),
            outcomes.Count(outcome => outcome.IsDuplicate),
            outcomes.Where(outcome => outcome.IsQuarantined).GroupBy(outcome => outcome.Reason!, StringComparer.Ordinal)
                .ToDictionary(reason => reason.Key, reason => reason.Count(), StringComparer.Ordinal),
            alerts, batch)
        {
            Outcomes = outcomes,
        };
    }

    private static async Task<(Dictionary<Guid, IngestDevice> Devices, MeterOwners Owners)> DevicesAsync(
        NpgsqlConnection connection, IReadOnlyList<ArrivedReading> batch, CancellationToken cancel)
    {
        var (devices, owners) = (new Dictionary<Guid, IngestDevice>(), new MeterOwners());
        var ids = batch.Select(arrived => arrived.Parsed.Reading.DeviceId).Where(id => id != Guid.Empty).Distinct().ToArray();
        if (ids.Length == 0)
            return (devices, owners);

        await using var batched = new NpgsqlBatch(connection)
        {
            BatchCommands = { new(HourLock.Share), new(SelectDevices) { Parameters = { new() { Value = ids } } } },
        };
        await using var rows = await batched.ExecuteReaderAsync(cancel);
        await rows.NextResultAsync(cancel);
        while (await rows.ReadAsync(cancel))
        {
            IReadOnlyList<DeviceMeter> meters = rows.IsDBNull(5) ? [] : JsonColumns.Read<DeviceMeter>(rows.GetString(5));
            devices[rows.GetGuid(0)] = new IngestDevice(
                TimeZoneInfo.TryFindSystemTimeZoneById(rows.GetString(1), out var zone) ? zone : null,
                Energy.FromKilowattHours(rows.GetDecimal(2)), rows.GetInt32(3), rows.IsDBNull(4) ? [] : JsonColumns.Read<DeviceSettings>(rows.GetString(4)),
                meters, rows.IsDBNull(6) ? null : rows.GetInt32(6));
            owners.Add(rows.GetGuid(0), meters);
        }

        return (devices, owners);
    }

    /// <summary>
    /// Classifies readings without the database: candidates may be new, repeats have the key of an earlier reading in the batch, and registers are
    /// readings of devices whose meter reports a register.
    /// </summary>
    private static (List<CandidateReading> Candidates, List<(int Position, int First)> Repeats, List<ArrivedRegister> Registers) Sort(
        IReadOnlyList<ArrivedReading> batch, Dictionary<Guid, IngestDevice> devices, DateTimeOffset now, ReadingOutcome[] outcomes)
    {
        var hours = new ClockHours();
        var firsts = new Dictionary<(Guid, DateTimeOffset), int>(batch.Count);
        var candidates = new List<CandidateReading>(batch.Count);
        var repeats = new List<(int, int)>();
        var registers = new List<ArrivedRegister>();
        for (var position = 0; position < batch.Count; position++)
        {
            var (reading, reason, detail, register) = batch[position].Parsed;
            if (reason is not null)
                outcomes[position] = ReadingOutcome.Quarantined(reason, detail);
            else if (!devices.TryGetValue(reading.DeviceId, out var device))
                outcomes[position] = ReadingOutcome.Quarantined(QuarantineReason.UnknownDevice, null);
            else if (device.Zone is null)
                outcomes[position] = ReadingOutcome.Quarantined(QuarantineReason.Rejected, "This machine doesn't know the device's time zone.");
            else if (device.RegisterDigits is { } digits)
            {
                if (register is null)
                    outcomes[position] = ReadingOutcome.Quarantined(QuarantineReason.WrongKind, "The device's meter reports a register, and register_value is missing or impossible.");
                else if (register.Value >= RegisterDevice.RangeOf(digits))
                    outcomes[position] = ReadingOutcome.Quarantined(QuarantineReason.Absurd, $"{Energy.ToKilowattHours(register.Value)} kWh have more than the register's {digits} digits.");
                else
                    registers.Add(new ArrivedRegister(position, reading.DeviceId, reading.Timestamp, register.Value, batch[position].Decision));
            }
            else if (register is { IsAlone: true })
                outcomes[position] = ReadingOutcome.Quarantined(QuarantineReason.WrongKind, "The device's meter reports the energy of intervals, and measurement_value is missing.");
            else if (firsts.TryAdd((reading.DeviceId, reading.Timestamp), position))
                candidates.Add(CandidateReading.Of(position, reading, hours.At(reading.Timestamp, device.Zone), device, now));
            else
                repeats.Add((position, firsts[(reading.DeviceId, reading.Timestamp)]));
        }

        return (candidates, repeats, registers);
    }

    /// <summary>Inserts new readings and returns the hours that are high afterwards.</summary>
    private static async Task<List<HighHour>> InsertAsync(
        NpgsqlConnection connection, List<CandidateReading> candidates, Dictionary<Guid, IngestDevice> devices, DateTimeOffset now, ReadingOutcome[] outcomes,
        CancellationToken cancel)
    {
        if (candidates.Count == 0)
            return [];

        var shares = candidates.FindAll(candidate => candidate.SpreadSeconds is not null)
            .SelectMany(candidate => candidate.Shares(devices[candidate.Reading.DeviceId], now)).ToList();
        await using var insert = new NpgsqlCommand(InsertNewReadingsAndAddThemToTheirHours, connection)
        {
            Parameters =
            {
                new() { Value = candidates.ConvertAll(candidate => candidate.Position) },
                new() { Value = candidates.ConvertAll(candidate => candidate.Reading.DeviceId) },
                new() { Value = candidates.ConvertAll(candidate => candidate.Reading.Timestamp) },
                new() { Value = candidates.ConvertAll(candidate => candidate.Reading.Energy) },
                new() { Value = candidates.ConvertAll(candidate => candidate.SpreadSeconds ?? 0) },
                new() { Value = candidates.ConvertAll(candidate => candidate.HourStart) },
                new() { Value = candidates.ConvertAll(candidate => candidate.LimitEnergy) },
                new() { Value = candidates.ConvertAll(candidate => candidate.RunningCount) },
                new() { Value = shares.ConvertAll(share => share.Position) },
                new() { Value = shares.ConvertAll(share => share.HourStart) },
                new() { Value = shares.ConvertAll(share => share.Energy) },
                new() { Value = shares.ConvertAll(share => share.Starts ? 1 : 0) },
                new() { Value = shares.ConvertAll(share => share.LimitEnergy) },
                new() { Value = shares.ConvertAll(share => share.RunningCount) },
            },
        };
        await using var rows = await insert.ExecuteReaderAsync(cancel);
        await rows.ReadAsync(cancel);
        foreach (var position in rows.GetFieldValue<int[]>(0))
            outcomes[position] = ReadingOutcome.Stored;

        var positions = rows.GetFieldValue<int[]>(1);
        if (positions.Length == 0)
            return [];

        var (hours, limits) = (rows.GetFieldValue<DateTimeOffset[]>(2), rows.GetFieldValue<long[]>(3));
        var (energies, projections) = (rows.GetFieldValue<long[]>(4), rows.GetFieldValue<long[]>(5));
        var ids = candidates.ToDictionary(candidate => candidate.Position, candidate => candidate.Reading.DeviceId);

        return [.. positions.Select((position, index) => new HighHour(
            ids[position], hours[index], energies[index], projections[index], limits[index], devices[ids[position]].IsLate(hours[index], now)))];
    }

    /// <summary>Compares candidates with readings that were stored before, and returns the stored energy of each candidate by position.</summary>
    private static async Task<Dictionary<int, long>> CompareHeldAsync(
        NpgsqlConnection connection, List<CandidateReading> candidates, ReadingOutcome[] outcomes, CancellationToken cancel)
    {
        var stored = candidates.ToDictionary(candidate => candidate.Position, candidate => candidate.Reading.Energy);
        var held = candidates.FindAll(candidate => !outcomes[candidate.Position].IsStored);
        if (held.Count == 0)
            return stored;

        // A separate statement, so that its snapshot includes rows that another consumer committed during the insert.
        await using var select = new NpgsqlCommand(SelectStoredEnergies, connection)
        {
            Parameters =
            {
                new() { Value = held.ConvertAll(candidate => candidate.Position) },
                new() { Value = held.ConvertAll(candidate => candidate.Reading.DeviceId) },
                new() { Value = held.ConvertAll(candidate => candidate.Reading.Timestamp) },
                // They keep other partitions out of the plan.
                new() { Value = held.Min(candidate => candidate.Reading.Timestamp) },
                new() { Value = held.Max(candidate => candidate.Reading.Timestamp) },
            },
        };
        await using var rows = await select.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
        {
            var (position, energy) = (rows.GetInt32(0), rows.GetInt64(1));
            outcomes[position] = ReadingOutcome.Again(stored[position], energy);
            stored[position] = energy;
        }

        return stored;
    }

    /// <summary>
    /// Stores register readings. Returns the high hours, the stored readings that became unclear, and the batch in which such a reading has the start of the interval that ends with it.
    /// </summary>
    private static async Task<(IReadOnlyList<ArrivedReading> Batch, List<HighHour> High, IReadOnlyList<TakenBackReading> TakenBack)> StoreRegistersAsync(
        MonitoringDbContext db, IReadOnlyList<ArrivedReading> batch, List<ArrivedRegister> registers, Dictionary<Guid, IngestDevice> devices, DateTimeOffset now,
        ReadingOutcome[] outcomes, List<HighHour> high, bool isPreview, CancellationToken cancel)
    {
        var known = registers.Select(reading => reading.DeviceId).Distinct().ToDictionary(id => id, id => devices[id].ToRegisterDevice(id));
        var changes = await RegisterStore.StoreAsync(db, known, registers, isPreview, cancel);
        var shown = batch.ToArray();
        foreach (var (position, start, same, detail) in changes.Outcomes)
        {
            var register = shown[position].Parsed.Register!.Value;
            outcomes[position] = detail is not null ? ReadingOutcome.Quarantined(QuarantineReason.RegisterUnclear, detail)
                : same is null ? ReadingOutcome.Stored
                : same.Value is { } stored ? ReadingOutcome.Again(register, stored)
                : ReadingOutcome.Quarantined(QuarantineReason.ConflictingDuplicate, "The energy of an interval is stored for this time.");
            if (outcomes[position].IsStored && shown[position].Parsed.Reading.Timestamp - start < LongestLive)
                shown[position] = shown[position] with { Parsed = shown[position].Parsed with { Reading = shown[position].Parsed.Reading with { Timestamp = start } } };
        }

        var hours = await db.Database.SqlQuery<HourlyConsumption>($"""
            select device_id, hour_start, energy, reading_count, spread_count
            from unnest({changes.Hours.Select(hour => hour.DeviceId).ToArray()}, {changes.Hours.Select(hour => hour.Start).ToArray()}) as changed (device_id, hour_start)
            join hourly_consumption using (device_id, hour_start)
            """).ToListAsync(cancel);

        return (shown, [.. high, .. hours.Select(hour => devices[hour.DeviceId].HighHourOf(hour, now)).OfType<HighHour>()], changes.TakenBack);
    }

    private static async Task QuarantineAsync(
        NpgsqlConnection connection, IReadOnlyList<ArrivedReading> batch, ReadingOutcome[] outcomes, CancellationToken cancel)
    {
        var refused = Enumerable.Range(0, batch.Count).Where(position => outcomes[position].IsQuarantined).ToArray();
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
                new() { Value = Array.ConvertAll(refused, position => batch[position].Parsed.Register?.Value), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint },
            },
        };
        await insert.ExecuteNonQueryAsync(cancel);
    }

    private static async Task AddToLedgerAsync(
        NpgsqlConnection connection, IReadOnlyList<ArrivedReading> batch, ReadingOutcome[] outcomes, int writer, bool isReplay, CancellationToken cancel)
    {
        var hours = Enumerable.Range(0, batch.Count)
            .Where(position => !outcomes[position].IsRefused)
            .GroupBy(position => SiteClock.HourStart(batch[position].ReceivedAt, TimeZoneInfo.Utc))
            .Select(hour => new
            {
                Hour = hour.Key,
                Received = isReplay ? 0L : hour.Count(),
                Stored = hour.LongCount(position => outcomes[position].IsStored),
                Duplicates = hour.LongCount(position => outcomes[position].IsDuplicate),
                // Retried readings were counted as quarantined before, so they are subtracted.
                Quarantined = hour.LongCount(position => outcomes[position].IsQuarantined) - (isReplay ? hour.Count() : 0),
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
}
