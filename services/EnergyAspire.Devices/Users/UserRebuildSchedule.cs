using EnergyAspire.Devices.Data;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Audit;
using EnergyAspire.ServiceDefaults.Data;
using Microsoft.Extensions.Options;

namespace EnergyAspire.Devices.Users;

/// <summary>Mends the copies of accounts now and then, so that what no event has told does not stay.</summary>
internal sealed partial class UserRebuildSchedule(
    IServiceScopeFactory scopes, DatabaseReadiness<DeviceDbContext> database, IOptions<ReplicaOptions> options, TimeProvider time,
    ILogger<UserRebuildSchedule> logger)
    : BackgroundService
{
    private static readonly AuditActor Itself = new(Id: null, ResourceNames.Devices, Address: null);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await database.WaitAsync(stoppingToken);

        using var timer = new PeriodicTimer(options.Value.RebuildEvery, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                var counts = await scope.ServiceProvider.GetRequiredService<UserRebuild>().RunAsync(Itself, stoppingToken);
                LogDone(logger, counts.Added, counts.Changed, counts.Removed, counts.Unchanged);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                // The next time tries again.
                LogFailure(logger, failure.GetBaseException().Message);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Copies of accounts: {Added} added, {Changed} changed, {Removed} removed, {Unchanged} unchanged")]
    private static partial void LogDone(ILogger logger, int added, int changed, int removed, int unchanged);

    [LoggerMessage(2, LogLevel.Warning, "The copies of accounts can't be rebuilt now: {Reason}")]
    private static partial void LogFailure(ILogger logger, string reason);
}
