using EnergyAspire.Monitoring.Data;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.EntityFrameworkCore;
using OpenTelemetry;

namespace EnergyAspire.Monitoring.Live;

/// <summary>Closes connections whose token wouldn't be accepted any more, within a second of the event that tells of their account's change.</summary>
internal sealed class LiveStandings(LiveWatchers watchers, IServiceScopeFactory scopes, TimeProvider time, ILogger<LiveStandings> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await CloseOutlivedAsync(stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                LiveLog.StandingsUnknown(logger, failure.GetBaseException().Message);
            }
        }
    }

    private async Task CloseOutlivedAsync(CancellationToken cancel)
    {
        var all = watchers.All;
        if (all.Count == 0)
            return;

        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<MonitoringDbContext>();
        var accounts = all.Select(watcher => watcher.AccountId).Distinct().ToArray();
        var standings = await db.Users
            .Where(user => accounts.Contains(user.Id))
            .ToDictionaryAsync(user => user.Id, user => new AccountStanding(user.TokenGeneration, user.IsDeleted), cancel);

        foreach (var watcher in all)
        {
            if (standings.TryGetValue(watcher.AccountId, out var standing) && !standing.Accepts(watcher.TokenGeneration))
            {
                watcher.Disconnect();
                LiveLog.Closed(logger, watcher.AccountId);
            }
        }
    }
}
