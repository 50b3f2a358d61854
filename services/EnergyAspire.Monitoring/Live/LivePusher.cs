using EnergyAspire.Monitoring.Data;
using Microsoft.AspNetCore.SignalR;
using OpenTelemetry;

namespace EnergyAspire.Monitoring.Live;

/// <summary>
/// Tells the connections of this replica what happened: every half second at most, from what the database says at that moment, and only
/// to those who may see it at that moment. The database is asked once for all connections.
/// </summary>
internal sealed class LivePusher(
    LiveChanges changes, LiveWatchers watchers, IHubContext<LiveHub> hub, IServiceScopeFactory scopes, LiveMetrics metrics, TimeProvider time,
    ILogger<LivePusher> logger) : BackgroundService
{
    private const int MostInAMessage = 1000;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);
    private static readonly HashSet<Guid> None = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        while (true)
        {
            await changes.WaitAsync(LookInterval, stoppingToken);
            var batch = changes.Take();
            try
            {
                await PushAsync(batch, stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                // Nobody is told anything while it can't be asked who may see it.
                LiveLog.PushFailed(logger, failure.GetBaseException().Message);
                changes.Add(batch);
            }

            await Task.Delay(Interval, time, stoppingToken);
        }
    }

    private async Task PushAsync(LiveBatch batch, CancellationToken cancel)
    {
        var all = watchers.All;
        if (all.Count == 0)
            return;

        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<MonitoringDbContext>();
        var mapped = await db.VisibleDevicesAsync([.. all.Where(watcher => !watcher.IsAdmin).Select(watcher => watcher.AccountId).Distinct()], cancel);

        var pushes = new List<Push>(all.Count);
        foreach (var watcher in all)
        {
            var devices = mapped.GetValueOrDefault(watcher.AccountId, None);
            watcher.Note(batch, devices);
            if (!watcher.IsBusy)
                pushes.Add(new Push(watcher, devices, watcher.TakeShowAll()));
        }

        try
        {
            var states = await StatesAsync(db, pushes, cancel);
            foreach (var push in pushes)
            {
                var (devices, alerts) = ContentOf(push, states);
                // A connection that takes its time holds up no other: it gets its next push when it has taken this one.
                push.Watcher.Send(() => SendAsync(push, devices, alerts, cancel));
            }
        }
        catch
        {
            foreach (var push in pushes.Where(push => push.ShowsAll))
                push.Watcher.ShowAll();
            throw;
        }
    }

    private async Task<Dictionary<Guid, LiveDevice>> StatesAsync(MonitoringDbContext db, List<Push> pushes, CancellationToken cancel)
    {
        var shown = pushes.Where(push => push.ShowsAll).SelectMany(push => push.Watcher.All(push.Mapped)).ToHashSet();
        var changed = new Dictionary<Guid, DateTimeOffset>();
        foreach (var (device, timestamp) in pushes.SelectMany(push => push.Watcher.Due))
        {
            if (!shown.Contains(device))
                changed[device] = timestamp;
        }

        var now = time.GetUtcNow();
        var states = await db.StatesAsync(shown, now, cancel);
        states.AddRange(await db.StatesAsync(changed, cancel));

        return states.ToDictionary(state => state.DeviceId, state => LiveDevice.From(state, now));
    }

    /// <summary>Copies what is due for a connection and may be told to it.</summary>
    private static (LiveDevice[] Devices, LiveAlert[] Alerts) ContentOf(Push push, Dictionary<Guid, LiveDevice> states)
    {
        var (watcher, mapped, showsAll) = push;
        return (
            [.. (showsAll ? watcher.All(mapped).Union(watcher.Due.Keys) : watcher.Due.Keys)
                .Where(device => watcher.Wants(device, mapped))
                .Select(states.GetValueOrDefault)
                .OfType<LiveDevice>()],
            [.. watcher.DueAlerts.Where(alert => watcher.MaySee(alert.DeviceId, mapped))]);
    }

    private async Task SendAsync(Push push, LiveDevice[] devices, LiveAlert[] alerts, CancellationToken cancel)
    {
        try
        {
            var connection = hub.Clients.Client(push.Watcher.ConnectionId);
            foreach (var part in devices.Chunk(MostInAMessage))
                await connection.SendAsync(LiveMethods.Devices, part, cancel);
            // So that a page that has nothing to show knows it.
            if (push.ShowsAll && devices.Length == 0)
                await connection.SendAsync(LiveMethods.Devices, devices, cancel);
            foreach (var alert in alerts)
                await connection.SendAsync(LiveMethods.Alert, alert.Alert, cancel);

            metrics.Pushed(devices.Length, alerts.Length);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The process stops.
        }
        catch (Exception failure)
        {
            LiveLog.SendFailed(logger, push.Watcher.AccountId, failure.GetBaseException().Message);
            push.Watcher.ShowAll();
        }
    }

    private sealed record Push(LiveWatcher Watcher, HashSet<Guid> Mapped, bool ShowsAll);
}
