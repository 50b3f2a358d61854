using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Readings;
using EnergyAspire.ServiceDefaults.Data;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Quarantine;

/// <summary>Tries quarantined readings of unknown devices again once their device has appeared, except those that an admin has discarded.</summary>
internal sealed class AppearedDevices(
    IServiceScopeFactory scopes, QuarantineReplay replay, DatabaseReadiness<MonitoringDbContext> database, TimeProvider time,
    ILogger<AppearedDevices> logger) : BackgroundService
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await database.WaitAsync(stoppingToken);

        using var timer = new PeriodicTimer(LookInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                while (await ReplayBatchAsync(stoppingToken) is var replayed and > 0)
                    IngestLog.Replayed(logger, replayed);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever it was, the next look tries again and the host goes on.
                IngestLog.ReplayFailed(logger, failure.GetBaseException().Message);
            }
        }
    }

    private async Task<int> ReplayBatchAsync(CancellationToken cancel)
    {
        // A look that finds nothing leaves no trace.
        using var untraced = OpenTelemetry.SuppressInstrumentationScope.Begin();
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<MonitoringDbContext>();

        var readings = await db.Quarantine.AsNoTracking()
            .Where(reading => reading.Reason == QuarantineReason.UnknownDevice && reading.DiscardedAt == null
                && db.Devices.Any(device => device.Id == reading.DeviceId && !device.IsDeleted))
            .OrderBy(reading => reading.Id)
            .Take(QuarantineReplay.BatchSize)
            .ToListAsync(cancel);
        if (readings.Count == 0)
            return 0;

        return (await replay.ReplayAsync(db, readings, evenDiscarded: false, audit: null, cancel)).Replayed;
    }
}
