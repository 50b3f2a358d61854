using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Hours;
using EnergyAspire.Monitoring.Registers;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Readings;

/// <summary>Decides which readings of an import are refused.</summary>
internal static class ImportRefusals
{
    /// <summary>
    /// Refuses readings of hours that count readings although retention has dropped all of them. They would be counted twice. That can happen only after
    /// the retention was increased.
    /// </summary>
    public static async Task RefuseDroppedAsync(
        MonitoringDbContext db, IReadOnlyList<ArrivedReading> batch, Dictionary<Guid, IngestDevice> devices, List<CandidateReading> candidates,
        List<(int Position, int First)> repeats, List<ArrivedRegister> registers, ReadingOutcome[] outcomes, CancellationToken cancel)
    {
        var positions = candidates.Select(candidate => candidate.Position)
            .Concat(repeats.Select(repeat => repeat.Position))
            .Concat(registers.Select(register => register.Position))
            .Select(position => (Position: position, Hour: HourOf(batch[position].Parsed.Reading))).ToList();
        var hours = positions.Select(reading => reading.Hour).Distinct().ToList();
        if (hours.Count == 0)
            return;

        // The whole span keeps other partitions out of the plan.
        var (first, end) = (hours.Min(hour => hour.HourStart), hours.Max(hour => hour.HourStart).AddHours(1));
        var dropped = (await db.Database.SqlQuery<CountedHour>($"""
            select device_id, hour_start
            from unnest({hours.ConvertAll(hour => hour.DeviceId)}, {hours.ConvertAll(hour => hour.HourStart)}) as asked (device_id, hour_start)
            join hourly_consumption as hour using (device_id, hour_start)
            where reading_count > 0 and not exists (
                select from readings
                where device_id = hour.device_id and timestamp >= hour.hour_start and timestamp < hour.hour_start + interval '1 hour'
                    and timestamp >= {first} and timestamp < {end})
            """).ToListAsync(cancel)).ToHashSet();
        if (dropped.Count == 0)
            return;

        foreach (var (position, _) in positions.Where(reading => dropped.Contains(reading.Hour)))
            outcomes[position] = ReadingOutcome.Quarantined(QuarantineReason.TooOld, "the readings of its hour were deleted, and the hour counts them");
        candidates.RemoveAll(candidate => outcomes[candidate.Position].Reason is not null);
        repeats.RemoveAll(repeat => outcomes[repeat.Position].Reason is not null);
        registers.RemoveAll(register => outcomes[register.Position].Reason is not null);

        CountedHour HourOf(Reading reading) => new(reading.DeviceId, SiteClock.HourStart(reading.Timestamp, devices[reading.DeviceId].Zone!));
    }

    /// <summary>
    /// Marks readings that aren't accepted as refused. Unclear register readings stay, because later ones can make them clear; one that is in quarantine
    /// already, even discarded, is a duplicate.
    /// </summary>
    public static async Task RefuseAsync(
        MonitoringDbContext db, IReadOnlyList<ArrivedReading> batch, IReadOnlyList<TakenBackReading> takenBack, ReadingOutcome[] outcomes, CancellationToken cancel)
    {
        // A reading that was unclear contradicts the one that was accepted for its time meanwhile.
        var asked = Enumerable.Range(0, batch.Count)
            .Where(position => outcomes[position].Reason is QuarantineReason.RegisterUnclear or QuarantineReason.ConflictingDuplicate && batch[position].Parsed.Register is not null)
            .Select(position => (batch[position].Parsed.Reading.DeviceId, batch[position].Parsed.Reading.Timestamp)).Distinct().ToList();
        var known = asked.Count == 0 ? [] : (await db.Database.SqlQuery<UnclearRegister>($"""
            select device_id, timestamp, register_value as value
            from unnest({asked.ConvertAll(reading => reading.DeviceId)}, {asked.ConvertAll(reading => reading.Timestamp)}) as asked (device_id, timestamp)
            join quarantined_readings using (device_id, timestamp)
            where reason = {QuarantineReason.RegisterUnclear} and register_value is not null
            """).ToListAsync(cancel)).ToHashSet();
        // In a preview they aren't in quarantine yet.
        known.UnionWith(takenBack.Select(reading => new UnclearRegister(reading.DeviceId, reading.Timestamp, reading.Register!.Value)));
        for (var position = 0; position < batch.Count; position++)
        {
            var ((reading, _, _, register), outcome) = (batch[position].Parsed, outcomes[position]);
            if (outcome.Reason is null)
                continue;

            var unclear = register is null ? null : new UnclearRegister(reading.DeviceId, reading.Timestamp, register.Value);
            if (outcome.Reason == QuarantineReason.RegisterUnclear ? !known.Add(unclear!) : unclear is not null && known.Contains(unclear))
                outcomes[position] = outcome with { IsDuplicate = true };
            else if (outcome.Reason != QuarantineReason.RegisterUnclear)
                outcomes[position] = outcome with { IsRefused = true };
        }
    }

    /// <summary>A register reading in quarantine.</summary>
    private sealed record UnclearRegister(Guid DeviceId, DateTimeOffset Timestamp, long Value);

    private sealed record CountedHour(Guid DeviceId, DateTimeOffset HourStart);
}
