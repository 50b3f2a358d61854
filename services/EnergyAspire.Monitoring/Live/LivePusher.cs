using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Prices;
using EnergyAspire.Monitoring.Readings;
using Microsoft.AspNetCore.SignalR;
using OpenTelemetry;

namespace EnergyAspire.Monitoring.Live;

/// <summary>
/// Pushes changes to the connections of this replica, at most every half second. States and access rights are read from the database for each push,
/// in one set of queries for all connections.
/// </summary>
internal sealed class LivePusher(
    LiveChanges changes, LiveWatchers watchers, IHubContext<LiveHub> hub, IServiceScopeFactory scopes, LiveMetrics metrics, TimeProvider time,
    ILogger<LivePusher> logger) : BackgroundService
{
    private const int MostInAMessage = 1000;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);
    private static readonly Dictionary<Guid, DateTimeOffset> None = [];

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
                // Without access rights from the database nothing is pushed. The batch is kept for the next attempt.
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
                // Not awaited, so that a slow connection doesn't delay others. It gets its next push after this one has been sent.
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
        var latest = await db.LatestReadingsAsync(shown, now, cancel);
        latest.AddRange(await db.LatestReadingsAsync(changed, cancel));

        var tariffs = await db.TariffsAsync(latest.Select(reading => reading.ReadTariffs()), cancel);

        return latest.ToDictionary(reading => reading.DeviceId, reading => LiveDevice.From(reading, tariffs, now));
    }

    /// <summary>Copies what is due for a connection and what its account may see.</summary>
    private static (LiveDevice[] Devices, LiveAlert[] Alerts) ContentOf(Push push, Dictionary<Guid, LiveDevice> states)
    {
        var (watcher, mapped, showsAll) = push;
        return (
            [.. (showsAll ? watcher.All(mapped).Union(watcher.Due.Keys) : watcher.Due.Keys)
                .Where(device => watcher.Wants(device, mapped))
                .Select(states.GetValueOrDefault)
                .OfType<LiveDevice>()
                .Where(device => watcher.MaySee(device.DeviceId, device.Hour.Start, mapped))],
            [.. watcher.DueAlerts.Where(alert => watcher.MaySee(alert.DeviceId, alert.HourStart, mapped))]);
    }

    private async Task SendAsync(Push push, LiveDevice[] devices, LiveAlert[] alerts, CancellationToken cancel)
    {
        try
        {
            var connection = hub.Clients.Client(push.Watcher.ConnectionId);
            foreach (var part in devices.Chunk(MostInAMessage))
                await connection.SendAsync(LiveMethods.Devices, part, cancel);
            // An empty list tells the page that there is nothing to show.
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

    private sealed record Push(LiveWatcher Watcher, Dictionary<Guid, DateTimeOffset> Mapped, bool ShowsAll);
}
