using System.Linq.Expressions;
using EnergyAspire.Data;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Readings;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace EnergyAspire.Monitoring.Quarantine;

/// <summary>
/// Retries quarantined readings once their device or meter is known, the device's meter reports what they are, or their time has come. Discarded readings are not retried. Every replica runs this; each
/// reading is taken out of quarantine by only one of them.
/// </summary>
internal sealed class QuarantineRetries(
    IServiceScopeFactory scopes, QuarantineReplay replay, DatabaseReadiness<MonitoringDbContext> database, IOptions<IngestOptions> options,
    IngestMetrics metrics, TimeProvider time, ILogger<QuarantineRetries> logger)
    : PeriodicWorker<MonitoringDbContext>(scopes, database, time, logger)
{
    private static readonly TimeSpan CountInterval = TimeSpan.FromMinutes(1);

    private DateTimeOffset _countAt;

    protected override string Name => "retry quarantined readings";

    protected override TimeSpan Interval => TimeSpan.FromSeconds(2);

    // Not traced, because most runs find nothing.
    protected override bool IsTraced => false;

    /// <summary>Retries all due readings, at most a thousand in a transaction.</summary>
    protected override async Task RunAsync(IServiceProvider services, CancellationToken cancel)
    {
        var db = services.GetRequiredService<MonitoringDbContext>();

        await RetryAsync(
            db,
            reading => reading.Reason == QuarantineReason.UnknownDevice
                && db.Devices.Any(device => device.Id == reading.DeviceId && !device.IsDeleted),
            cancel);
        await RetryAsync(
            db,
            reading => (reading.Reason == QuarantineReason.UnknownDevice || reading.Reason == QuarantineReason.MeterNotInUse)
                && db.Meters.Any(meter => meter.MeterId == reading.DeviceId
                    && (reading.Reason == QuarantineReason.UnknownDevice
                        || ((meter.ValidFrom == null || meter.ValidFrom <= reading.Timestamp)
                            && (meter.ValidUntil == null || meter.ValidUntil > reading.Timestamp)))
                    && db.Devices.Any(device => device.Id == meter.DeviceId && !device.IsDeleted)),
            cancel);
        // The list of the device's meters was emptied.
        await RetryAsync(
            db,
            reading => reading.Reason == QuarantineReason.MeterNotInUse
                && db.Devices.Any(device => device.Id == reading.DeviceId && !device.IsDeleted)
                && !db.Meters.Any(meter => meter.DeviceId == reading.DeviceId),
            cancel);
        await RetryAsync(
            db,
            reading => reading.Reason == QuarantineReason.WrongKind
                && db.Devices.Any(device => device.Id == reading.DeviceId && !device.IsDeleted && (device.RegisterDigits != null) == (reading.RegisterValue != null)),
            cancel);
        var acceptable = Time.GetUtcNow() + options.Value.FutureTolerance;
        await RetryAsync(
            db, reading => reading.Reason == QuarantineReason.Future && (reading.Timestamp == null || reading.Timestamp <= acceptable), cancel);

        if (Time.GetUtcNow() >= _countAt)
        {
            _countAt = Time.GetUtcNow() + CountInterval;
            metrics.ShowWaiting(await db.Quarantine
                .Where(reading => reading.DiscardedAt == null)
                .GroupBy(reading => reading.Reason)
                .Select(reason => new { reason.Key, Count = reason.LongCount() })
                .ToDictionaryAsync(reason => reason.Key, reason => reason.Count, StringComparer.Ordinal, cancel));
        }
    }

    private async Task RetryAsync(MonitoringDbContext db, Expression<Func<QuarantinedReading, bool>> isDue, CancellationToken cancel)
    {
        while (true)
        {
            var readings = await db.Quarantine.AsNoTracking()
                .Where(reading => reading.DiscardedAt == null)
                .Where(isDue)
                .OrderBy(reading => reading.Id)
                .Take(QuarantineReplay.BatchSize)
                .ToListAsync(cancel);
            if (readings.Count == 0)
                return;

            var result = await replay.ReplayAsync(db, readings, evenDiscarded: false, audit: null, cancel);
            if (result.Replayed > 0)
                IngestLog.Replayed(logger, result.Replayed);
            // Another replica was faster, or all readings were refused again and may still be due, for example after the clock was set back. The next
            // run continues.
            if (result.Stored + result.Duplicates == 0)
                return;
        }
    }
}
