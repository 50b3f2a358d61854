using System.Text.Json;
using EnergyAspire.Monitoring.Data;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Registers;

/// <summary>A reading that was stored and is no longer.</summary>
/// <param name="DeviceId">Device or meter that quarantine shows it under.</param>
/// <param name="MeterId">Meter that sent it.</param>
/// <param name="Timestamp">Its time.</param>
/// <param name="Energy">Milliwatt-hours, for a reading of an interval's energy.</param>
/// <param name="Register">The register in milliwatt-hours; null for a reading of an interval's energy.</param>
/// <param name="Decision">An admin's decision with which it was stored; null when there is none.</param>
/// <param name="Detail">Why it was taken back, as text.</param>
internal sealed record TakenBackReading(
    Guid DeviceId, Guid MeterId, DateTimeOffset Timestamp, long Energy, long? Register, RegisterDecision? Decision, string Detail)
{
    /// <summary>Writes the message of the reading.</summary>
    public byte[] Body() => Register is { } register
        ? JsonSerializer.SerializeToUtf8Bytes(
            new { timestamp = Timestamp.UtcDateTime, device_id = MeterId, register_value = Hours.Energy.ToKilowattHours(register) })
        : JsonSerializer.SerializeToUtf8Bytes(
            new { timestamp = Timestamp.UtcDateTime, device_id = MeterId, measurement_value = Hours.Energy.ToKilowattHours(Energy) });
}

/// <summary>A reading that leaves quarantine, because it is stored or because the same one is.</summary>
internal readonly record struct ReleasedReading(Guid Id, DateTimeOffset ReceivedAt, bool IsDuplicate);

/// <summary>Moves readings between the stored ones and quarantine, and keeps the ledger correct.</summary>
internal static class TakenBackReadings
{
    // Separate from the ledger rows of the consumers, the retries and the import.
    private const int LedgerWriter = -3;

    /// <summary>Puts readings that were stored into quarantine, as if they had arrived now, and removes others from it.</summary>
    /// <param name="reason">Why the first ones are in quarantine.</param>
    /// <param name="taken">Readings that are no longer stored.</param>
    /// <param name="released">Readings of quarantine whose rows the transaction has locked.</param>
    public static async Task MoveAsync(
        MonitoringDbContext db, string reason, IReadOnlyList<TakenBackReading> taken, IReadOnlyList<ReleasedReading> released, CancellationToken cancel)
    {
        if (taken.Count + released.Count == 0)
            return;

        await db.Database.ExecuteSqlAsync($"""
            insert into quarantined_readings (id, received_at, reason, detail, device_id, timestamp, body, register_value, register_decision)
            select id, now(), {reason}, detail, device_id, timestamp, body, register_value, register_decision
            from unnest(
                {taken.Select(_ => Guid.CreateVersion7()).ToArray()}, {taken.Select(reading => reading.Detail).ToArray()},
                {taken.Select(reading => reading.DeviceId).ToArray()}, {taken.Select(reading => reading.Timestamp).ToArray()},
                {taken.Select(reading => reading.Body()).ToArray()}, {taken.Select(reading => reading.Register).ToArray()},
                {taken.Select(reading => (short?)reading.Decision).ToArray()})
                as taken (id, detail, device_id, timestamp, body, register_value, register_decision)
            """, cancel);
        await db.Database.ExecuteSqlAsync($"delete from quarantined_readings where id = any({released.Select(reading => reading.Id).ToArray()})", cancel);
        // Stored readings don't contain their time of arrival, so they leave the present hour of the ledger. One statement in the order of hours, so that two
        // transactions don't deadlock.
        await db.Database.ExecuteSqlAsync($"""
            insert into ledger as entry (hour, writer, received, stored, duplicates, quarantined)
            select date_trunc('hour', at, 'UTC'), {LedgerWriter}, 0, sum(stored), sum(duplicates), sum(quarantined)
            from (
                select now() as at, {-taken.Count} as stored, 0 as duplicates, {taken.Count} as quarantined
                union all
                select at, 1 - duplicates, duplicates, -1
                from unnest(
                    {released.Select(reading => reading.ReceivedAt).ToArray()}, {released.Select(reading => reading.IsDuplicate ? 1 : 0).ToArray()})
                    as released (at, duplicates)) as moved
            group by 1 order by 1
            on conflict (hour, writer) do update set
                stored = entry.stored + excluded.stored, duplicates = entry.duplicates + excluded.duplicates, quarantined = entry.quarantined + excluded.quarantined
            """, cancel);
    }
}
