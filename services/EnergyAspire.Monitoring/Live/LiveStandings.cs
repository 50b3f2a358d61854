using EnergyAspire.Data;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Live;

/// <summary>Closes connections whose token is no longer valid, within a second of the event about their account.</summary>
internal sealed class LiveStandings(
    LiveWatchers watchers, IServiceScopeFactory scopes, DatabaseReadiness<MonitoringDbContext> database, TimeProvider time,
    ILogger<LiveStandings> logger) : PeriodicWorker<MonitoringDbContext>(scopes, database, time, logger)
{
    protected override string Name => "close outlived connections";

    protected override TimeSpan Interval => TimeSpan.FromSeconds(1);

    protected override bool IsTraced => false;

    protected override async Task RunAsync(IServiceProvider services, CancellationToken cancel)
    {
        var all = watchers.All;
        if (all.Count == 0)
            return;

        var db = services.GetRequiredService<MonitoringDbContext>();
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
