using System.Linq.Expressions;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Readings;
using EnergyAspire.ServiceDefaults.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace EnergyAspire.Monitoring.Quarantine;

/// <summary>
/// Tries quarantined readings again once what they wait for has come: the device of an unknown one, or the time of one from the future.
/// Readings that an admin has discarded stay. Every replica does this; a reading is taken out of quarantine by one of them.
/// </summary>
internal sealed class QuarantineRetries(
    IServiceScopeFactory scopes, QuarantineReplay replay, DatabaseReadiness<MonitoringDbContext> database, IOptions<IngestOptions> options,
    IngestMetrics metrics, TimeProvider time, ILogger<QuarantineRetries> logger) : BackgroundService
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan CountInterval = TimeSpan.FromMinutes(1);

    private DateTimeOffset _countAt;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await database.WaitAsync(stoppingToken);

        // A look that finds nothing leaves no trace.
        using var untraced = OpenTelemetry.SuppressInstrumentationScope.Begin();
        using var timer = new PeriodicTimer(LookInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await RetryAsync(stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever it was, the next look tries again and the host goes on.
                IngestLog.ReplayFailed(logger, failure.GetBaseException().Message);
            }
        }
    }

    /// <summary>Tries all that is due, at most a thousand in a transaction.</summary>
    internal async Task RetryAsync(CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<MonitoringDbContext>();

        await RetryAsync(
            db,
            reading => reading.Reason == QuarantineReason.UnknownDevice
                && db.Devices.Any(device => device.Id == reading.DeviceId && !device.IsDeleted),
            cancel);
        var acceptable = time.GetUtcNow() + options.Value.FutureTolerance;
        await RetryAsync(
            db, reading => reading.Reason == QuarantineReason.Future && (reading.Timestamp == null || reading.Timestamp <= acceptable), cancel);

        if (time.GetUtcNow() >= _countAt)
        {
            _countAt = time.GetUtcNow() + CountInterval;
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
            // Another replica was quicker; or all were refused again and may still be due, such as those from the future when the clock was set
            // back. The next look goes on.
            if (result.Stored + result.Duplicates == 0)
                return;
        }
    }
}
