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
/// <param name="Detail">Why it was taken back, as text.</param>
internal sealed record TakenBackReading(Guid DeviceId, Guid MeterId, DateTimeOffset Timestamp, long Energy, long? Register, string Detail)
{
    /// <summary>Writes the message of the reading.</summary>
    public byte[] Body() => Register is { } register
        ? JsonSerializer.SerializeToUtf8Bytes(
            new { timestamp = Timestamp.UtcDateTime, device_id = MeterId, register_value = Hours.Energy.ToKilowattHours(register) })
        : JsonSerializer.SerializeToUtf8Bytes(
            new { timestamp = Timestamp.UtcDateTime, device_id = MeterId, measurement_value = Hours.Energy.ToKilowattHours(Energy) });
}

/// <summary>Moves readings between the stored ones and quarantine, and keeps the ledger correct.</summary>
internal static class TakenBackReadings
{
    // Separate from the ledger rows of the consumers, the retries and the import.
    private const int LedgerWriter = -3;

    /// <summary>Puts readings that were stored into quarantine, as if they had arrived now.</summary>
    public static async Task QuarantineAsync(MonitoringDbContext db, string reason, IReadOnlyList<TakenBackReading> taken, CancellationToken cancel)
    {
        if (taken.Count == 0)
            return;

        await db.Database.ExecuteSqlAsync($"""
            insert into quarantined_readings (id, received_at, reason, detail, device_id, timestamp, body, register_value)
            select id, now(), {reason}, detail, device_id, timestamp, body, register_value
            from unnest(
                {taken.Select(_ => Guid.CreateVersion7()).ToArray()}, {taken.Select(reading => reading.Detail).ToArray()},
                {taken.Select(reading => reading.DeviceId).ToArray()}, {taken.Select(reading => reading.Timestamp).ToArray()},
                {taken.Select(reading => reading.Body()).ToArray()}, {taken.Select(reading => reading.Register).ToArray()})
                as taken (id, detail, device_id, timestamp, body, register_value)
            """, cancel);
        // Stored readings don't contain their time of arrival, so they leave the present hour of the ledger.
        await db.Database.ExecuteSqlAsync($"""
            insert into ledger as entry (hour, writer, received, stored, duplicates, quarantined)
            values (date_trunc('hour', now(), 'UTC'), {LedgerWriter}, 0, {-taken.Count}, 0, {taken.Count})
            on conflict (hour, writer) do update set stored = entry.stored + excluded.stored, quarantined = entry.quarantined + excluded.quarantined
            """, cancel);
    }

    /// <summary>Removes readings from quarantine that are stored now, or are duplicates of stored ones.</summary>
    public static async Task ReleaseAsync(MonitoringDbContext db, IReadOnlyList<(Guid Id, bool IsDuplicate)> released, CancellationToken cancel)
    {
        if (released.Count == 0)
            return;

        await db.Database.ExecuteSqlAsync($"""
            with released as (
                select * from unnest({released.Select(reading => reading.Id).ToArray()}, {released.Select(reading => reading.IsDuplicate ? 1 : 0).ToArray()})
                    as released (id, duplicates)
            ),
            gone as (
                delete from quarantined_readings as reading using released where reading.id = released.id returning received_at, duplicates
            )
            insert into ledger as entry (hour, writer, received, stored, duplicates, quarantined)
            select date_trunc('hour', received_at, 'UTC'), {LedgerWriter}, 0, sum(1 - duplicates), sum(duplicates), -count(*) from gone group by 1 order by 1
            on conflict (hour, writer) do update set
                stored = entry.stored + excluded.stored, duplicates = entry.duplicates + excluded.duplicates, quarantined = entry.quarantined + excluded.quarantined
            """, cancel);
    }
}
