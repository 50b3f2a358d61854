using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Hours;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Registers;

/// <summary>A register reading that arrived.</summary>
/// <param name="Position">Position in its batch.</param>
/// <param name="DeviceId">Device that it belongs to.</param>
internal sealed record ArrivedRegister(int Position, Guid DeviceId, DateTimeOffset Timestamp, long? Value, RegisterDecision? Decision)
    : RegisterReading(Timestamp, Value, Decision);

/// <summary>What became of a register reading.</summary>
/// <param name="Position">Position in its batch.</param>
/// <param name="IntervalStart">When it is stored, the time of the reading before, or its own time if there is none.</param>
/// <param name="Same">The reading at the same time that is stored; null when there is none.</param>
/// <param name="Detail">Why it is unclear; null when it isn't.</param>
internal sealed record RegisterOutcome(int Position, DateTimeOffset IntervalStart, RegisterReading? Same, string? Detail);

/// <summary>What a batch of register readings changed.</summary>
/// <param name="Outcomes">Outcome of each reading.</param>
/// <param name="Hours">Hours that have more energy than before.</param>
/// <param name="TakenBack">Stored readings that became unclear.</param>
internal sealed record RegisterChanges(
    IReadOnlyList<RegisterOutcome> Outcomes, IReadOnlyList<(Guid DeviceId, DateTimeOffset Start)> Hours, IReadOnlyList<TakenBackReading> TakenBack);

/// <summary>Stores register readings, in the caller's transaction, which holds <see cref="HourLock"/>.</summary>
/// <remarks>
/// A row of <c>readings</c> has the energy until the next reading, in <c>spread_seconds</c>. Without a next reading it has no energy yet; it is counted
/// in its hour all the same. A reading that arrives late changes the row before it, and by <see cref="RegisterChain"/> it can decide about unclear ones. These
/// are stored, and stored ones that become unclear are taken back. So the result is the same in any order of arrival.
/// </remarks>
internal static class RegisterStore
{
    // Partitions of a few days are planned fast, and nearly all devices have their last readings in them.
    private static readonly TimeSpan Recent = TimeSpan.FromDays(5);

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    // Stored readings before the first new one: what they became may change, and one to start from.
    private const int Before = RegisterChain.Confirmations + 1;

    // Stored readings after the last new one. More are read if the chain doesn't meet the stored one again within these.
    private const int After = 8;

    // More than the two times that can become clear, because there may be several copies of a reading.
    private const int MostUnclearBefore = 8;

    /// <summary>Stores readings of devices.</summary>
    /// <param name="isPreview">Whether to write nothing.</param>
    public static async Task<RegisterChanges> StoreAsync(
        MonitoringDbContext db, IReadOnlyDictionary<Guid, RegisterDevice> devices, IReadOnlyList<ArrivedRegister> arrived, bool isPreview, CancellationToken cancel)
    {
        var asked = arrived.GroupBy(reading => reading.DeviceId).Select(readings => new Asked(
            devices[readings.Key], readings.Min(reading => reading.Timestamp), readings.Max(reading => reading.Timestamp), [.. readings])).ToList();
        await LockAsync(db, [.. asked.Select(device => device.Device.Id)], cancel);

        var (writes, outcomes) = (new Writes(), new List<RegisterOutcome>(arrived.Count));
        var windows = await WindowsAsync(db, asked, cancel);
        foreach (var window in windows)
            window.Apply(writes, outcomes);

        return new RegisterChanges(outcomes, isPreview ? [] : await writes.ApplyAsync(db, cancel), writes.Taken);
    }

    /// <summary>Judges all readings of a device anew, after something has changed by which they are judged.</summary>
    public static async Task JudgeAgainAsync(MonitoringDbContext db, RegisterDevice device, CancellationToken cancel)
    {
        var writes = new Writes();
        await LockAsync(db, [device.Id], cancel);
        db.Database.SetCommandTimeout(Patience);
        foreach (var window in await WindowsAsync(db, [new Asked(device, DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue, [])], cancel))
            window.Apply(writes, []);
        await writes.ApplyAsync(db, cancel);
    }

    // Locked in a fixed order, so that two batches with the same devices don't deadlock.
    private static Task<int> LockAsync(MonitoringDbContext db, Guid[] devices, CancellationToken cancel) => db.Database.ExecuteSqlAsync($"""
        select pg_advisory_xact_lock(hashtext('registers'), device)
        from (select distinct hashtext(id::text) as device from unnest({devices}) as register (id) order by 1) as register
        """, cancel);

    private static async Task<List<Window>> WindowsAsync(MonitoringDbContext db, List<Asked> asked, CancellationToken cancel)
    {
        var stored = await StoredAsync(db, asked, asked.Min(device => device.First) - Recent, After, cancel);
        var old = asked.FindAll(device => stored[device.Device.Id].Count(reading => reading.Timestamp < device.First) < Before);
        foreach (var (device, readings) in old is [] ? [] : await StoredAsync(db, old, DateTimeOffset.UnixEpoch, After, cancel))
            stored[device] = readings;

        var windows = await WithUnclearAsync(db, asked, stored, After, cancel);
        var open = windows.FindAll(window => window.End is null).ConvertAll(window => window.Asked);
        if (open is [])
            return windows;

        var whole = await StoredAsync(db, open, DateTimeOffset.UnixEpoch, int.MaxValue, cancel);
        return [.. windows.Where(window => window.End is not null), .. await WithUnclearAsync(db, open, whole, int.MaxValue, cancel)];
    }

    private static async Task<Dictionary<Guid, List<StoredRegister>>> StoredAsync(
        MonitoringDbContext db, List<Asked> asked, DateTimeOffset since, int after, CancellationToken cancel)
    {
        var rows = await db.Database.SqlQuery<StoredRow>($"""
            select asked.id as device_id, reading.*
            from unnest(
                {asked.ConvertAll(device => device.Device.Id)}, {asked.ConvertAll(device => device.First)}, {asked.ConvertAll(device => device.Last)})
                as asked (id, first, last)
            cross join lateral (
                (select timestamp, energy, spread_seconds, register_value, register_decision from readings
                    where device_id = asked.id and timestamp >= {since} and timestamp < asked.first order by timestamp desc limit {Before})
                union all
                (select timestamp, energy, spread_seconds, register_value, register_decision from readings
                    where device_id = asked.id and timestamp >= {since} and timestamp between asked.first and asked.last)
                union all
                (select timestamp, energy, spread_seconds, register_value, register_decision from readings
                    where device_id = asked.id and timestamp >= {since} and timestamp > asked.last order by timestamp limit {after})) as reading
            order by timestamp
            """).ToListAsync(cancel);
        var stored = asked.ToDictionary(device => device.Device.Id, _ => new List<StoredRegister>());
        foreach (var row in rows)
            stored[row.DeviceId].Add(new StoredRegister(row.Timestamp, row.RegisterValue, (RegisterDecision?)row.RegisterDecision, row.Energy, row.SpreadSeconds));

        return stored;
    }

    /// <summary>Adds the readings that arrived, and those of quarantine that are unclear. A reading that is being retried is left to its retry.</summary>
    private static async Task<List<Window>> WithUnclearAsync(
        MonitoringDbContext db, List<Asked> asked, Dictionary<Guid, List<StoredRegister>> stored, int after, CancellationToken cancel)
    {
        var isWhole = asked.ToDictionary(
            device => device.Device.Id, device => stored[device.Device.Id].Count(reading => reading.Timestamp > device.Last) < after);
        // Not before the first stored one: what an unclear reading came after may have been dropped by retention.
        var starts = asked.ConvertAll(device =>
            stored[device.Device.Id] is [var first, ..] ? first.Timestamp : device.Arrived is [] ? DateTimeOffset.MaxValue : device.First);
        var (devices, firsts, untils) = (
            asked.ConvertAll(device => device.Device.Id),
            asked.Zip(starts, (device, start) => device.Arrived is [] ? start : device.First).ToList(),
            asked.ConvertAll(device => isWhole[device.Device.Id] ? DateTimeOffset.MaxValue : stored[device.Device.Id][^1].Timestamp));
        // Of those before the first new reading only the last ones can become clear.
        var unclear = (await db.Database.SqlQuery<UnclearRow>($"""
            select reading.id, reading.device_id, reading.timestamp, reading.register_value, reading.register_decision, reading.received_at
            from (
                select candidate.id
                from unnest({devices}, {starts}, {firsts}, {untils}) as asked (device_id, start, first, until)
                cross join lateral (
                    (select id from quarantined_readings
                        where device_id = asked.device_id and reason = {RegisterChain.Reason} and discarded_at is null and register_value is not null
                            and timestamp > asked.start and timestamp < asked.first
                        order by timestamp desc limit {MostUnclearBefore})
                    union all
                    (select id from quarantined_readings
                        where device_id = asked.device_id and reason = {RegisterChain.Reason} and discarded_at is null and register_value is not null
                            and timestamp >= asked.first and timestamp <= asked.until)) as candidate) as candidates
            join quarantined_readings as reading using (id)
            for update of reading skip locked
            """).ToListAsync(cancel)).ToLookup(row => row.DeviceId);

        return asked.ConvertAll(device => new Window(
            device, isWhole[device.Device.Id],
            // Of the same time, what is stored comes first, then what an admin has decided about, and what has just arrived last.
            [
                .. stored[device.Device.Id]
                    .Concat<RegisterReading>(unclear[device.Device.Id].OrderBy(row => row.Id).Select(row => new UnclearRegister(
                        row.Id, row.ReceivedAt, row.Timestamp, row.RegisterValue, (RegisterDecision?)row.RegisterDecision)))
                    .Concat(device.Arrived.OrderBy(reading => reading.Position))
                    .OrderBy(reading => reading.Timestamp).ThenByDescending(reading => reading is StoredRegister).ThenByDescending(reading => reading.Decision is not null),
            ]));
    }

    /// <summary>A device with the readings of a batch.</summary>
    /// <param name="First">Time of the first of them.</param>
    /// <param name="Last">Time of the last of them.</param>
    private sealed record Asked(RegisterDevice Device, DateTimeOffset First, DateTimeOffset Last, IReadOnlyList<ArrivedRegister> Arrived);

    private sealed record StoredRow(
        Guid DeviceId, DateTimeOffset Timestamp, long Energy, int? SpreadSeconds, long? RegisterValue, short? RegisterDecision);

    private sealed record UnclearRow(
        Guid Id, Guid DeviceId, DateTimeOffset Timestamp, long RegisterValue, short? RegisterDecision, DateTimeOffset ReceivedAt);

    private sealed record StoredRegister(DateTimeOffset Timestamp, long? Value, RegisterDecision? Decision, long Energy, int? SpreadSeconds)
        : RegisterReading(Timestamp, Value, Decision);

    private sealed record UnclearRegister(Guid Id, DateTimeOffset ReceivedAt, DateTimeOffset Timestamp, long? Value, RegisterDecision? Decision)
        : RegisterReading(Timestamp, Value, Decision);

    /// <summary>Readings of a device around those that arrived, in the order of time.</summary>
    private sealed class Window
    {
        private readonly List<RegisterReading> _readings;
        private readonly List<RegisterVerdict> _verdicts;

        public Window(Asked asked, bool isWhole, List<RegisterReading> readings)
        {
            (Asked, _readings) = (asked, readings);
            _verdicts = RegisterChain.Judge(asked.Device, readings);
            End = isWhole ? readings.Count : MeetingPoint();
        }

        public Asked Asked { get; }

        /// <summary>
        /// Index of a stored reading from which on nothing changes, or the count of readings when these are all; null when more readings are needed.
        /// </summary>
        public int? End { get; }

        /// <summary>Adds what changes.</summary>
        public void Apply(Writes writes, List<RegisterOutcome> outcomes)
        {
            RegisterReading? last = null;
            for (var index = 0; index < _readings.Count && index <= End; index++)
            {
                var (reading, verdict) = (_readings[index], _verdicts[index]);
                if (reading is ArrivedRegister arrived)
                    outcomes.Add(new RegisterOutcome(arrived.Position, last is { Value: not null } ? last.Timestamp : arrived.Timestamp, verdict.Same, verdict.Detail));
                if (reading is UnclearRegister unclear && (verdict.IsAccepted || verdict.Same?.Value == unclear.Value))
                    writes.Released.Add(new ReleasedReading(unclear.Id, unclear.ReceivedAt, IsDuplicate: !verdict.IsAccepted));
                if (reading is StoredRegister { Value: not null } stored && !verdict.IsAccepted)
                    writes.TakeBack(Asked.Device, stored, verdict.Detail ?? "Another reading of the same time counts.");
                if (!verdict.IsAccepted)
                    continue;

                if (last is not null)
                    writes.Put(Asked.Device, last, verdict.EnergyBefore, reading.Timestamp);
                last = reading;
            }

            if (End == _readings.Count && last is not null)
                writes.Put(Asked.Device, last, energy: null, default);
        }

        private int? MeetingPoint()
        {
            var index = Enumerable.Range(0, _readings.Count).FirstOrDefault(
                index => _readings[index] is StoredRegister stored && stored.Timestamp > Asked.Last && _verdicts[index].IsAccepted, -1);
            // What became of a reading is certain with as many times after it.
            return index >= 0 && _readings.Skip(index).DistinctBy(reading => reading.Timestamp).Count() > RegisterChain.Confirmations ? index : null;
        }
    }

    /// <summary>Rows to write.</summary>
    private sealed class Writes
    {
        private readonly HourChanges _hours = new();
        private readonly List<(Guid DeviceId, RegisterReading Reading, long Energy, int? SpreadSeconds)> _rows = [];

        public List<TakenBackReading> Taken { get; } = [];

        public List<ReleasedReading> Released { get; } = [];

        /// <summary>Stores a reading with the energy until the next one; null when that is unknown.</summary>
        public void Put(RegisterDevice device, RegisterReading reading, long? energy, DateTimeOffset next)
        {
            if (reading.Value is null)
                return;

            var spread = energy is null ? (int?)null : (int)Math.Max(1, (next - reading.Timestamp).Ticks / TimeSpan.TicksPerSecond);
            if (reading is StoredRegister stored)
            {
                if ((stored.Energy, stored.SpreadSeconds) == (energy ?? 0, spread))
                    return;

                Subtract(device, stored);
            }

            _hours.Add(device.Id, reading.Timestamp, energy ?? 0, spread, device.Zone);
            _rows.Add((device.Id, reading, energy ?? 0, spread));
        }

        public void TakeBack(RegisterDevice device, StoredRegister reading, string detail)
        {
            Subtract(device, reading);
            Taken.Add(new TakenBackReading(device.Id, device.MeterAt(reading.Timestamp), reading.Timestamp, reading.Energy, reading.Value, reading.Decision, detail));
        }

        /// <summary>Writes the rows and the hours; returns the hours that have more energy than before.</summary>
        public async Task<IReadOnlyList<(Guid DeviceId, DateTimeOffset Start)>> ApplyAsync(MonitoringDbContext db, CancellationToken cancel)
        {
            if (Taken.Count > 0)
            {
                await db.Database.ExecuteSqlAsync($"""
                    delete from readings
                    using unnest({Taken.ConvertAll(reading => reading.DeviceId)}, {Taken.ConvertAll(reading => reading.Timestamp)}) as taken (device_id, timestamp)
                    where readings.device_id = taken.device_id and readings.timestamp = taken.timestamp
                        and readings.timestamp between {Taken.Min(reading => reading.Timestamp)} and {Taken.Max(reading => reading.Timestamp)}
                    """, cancel);
            }

            if (_rows.Count > 0)
            {
                await db.Database.ExecuteSqlAsync($"""
                    insert into readings as held (device_id, timestamp, energy, spread_seconds, register_value, register_decision)
                    select * from unnest(
                        {_rows.ConvertAll(row => row.DeviceId)}, {_rows.ConvertAll(row => row.Reading.Timestamp)}, {_rows.ConvertAll(row => row.Energy)},
                        {_rows.ConvertAll(row => row.SpreadSeconds)}, {_rows.ConvertAll(row => row.Reading.Value)},
                        {_rows.ConvertAll(row => (short?)row.Reading.Decision)}) as reading (device_id, timestamp, energy, spread_seconds, register_value, register_decision)
                    order by device_id, timestamp
                    on conflict (device_id, timestamp) do update set energy = excluded.energy, spread_seconds = excluded.spread_seconds
                    """, cancel);
            }

            var spreads = _rows.FindAll(row => TimeSpan.FromSeconds(row.SpreadSeconds ?? 0) > HourShares.LongestSpread);
            if (spreads.Count > 0)
            {
                await db.Database.ExecuteSqlAsync($"""
                    insert into long_spreads (device_id, timestamp, ends)
                    select * from unnest(
                        {spreads.ConvertAll(row => row.DeviceId)}, {spreads.ConvertAll(row => row.Reading.Timestamp)},
                        {spreads.ConvertAll(row => row.Reading.Timestamp.AddSeconds(row.SpreadSeconds!.Value))}) as spread (device_id, timestamp, ends)
                    order by 1, 2
                    on conflict (device_id, timestamp) do update set ends = excluded.ends
                    """, cancel);
            }

            await TakenBackReadings.MoveAsync(db, RegisterChain.Reason, Taken, Released, cancel);
            return await _hours.ApplyAsync(db, cancel);
        }

        private void Subtract(RegisterDevice device, StoredRegister reading) =>
            _hours.Subtract(device.Id, reading.Timestamp, reading.Energy, reading.SpreadSeconds, device.Zone);
    }
}
