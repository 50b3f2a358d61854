using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Security.Claims;
using EnergyAspire.Monitoring.Live;
using EnergyAspire.Testing;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.SignalR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EnergyAspire.Monitoring.Tests.Live;

/// <summary>Connections that take pushes badly. Each test has a pusher of its own, with one connection of an account with one device.</summary>
public sealed class LivePusherTests(MonitoringFixture monitoring)
{
    private static readonly DateTimeOffset Hour = new(DateTime.UtcNow.Date.AddHours(DateTime.UtcNow.Hour - 1), TimeSpan.Zero);

    [Fact]
    public async Task A_push_that_fails_is_logged_and_its_connection_is_shown_all_with_the_next()
    {
        var hub = new FakeHub(number => number == 1 ? Task.FromException(new IOException("The cable broke.")) : Task.CompletedTask);
        using var watched = await WatchAsync(hub);

        await Eventually.TrueAsync(() => Task.FromResult(hub.Pushes.Count == 2), "the device is shown again");

        Assert.Equal([304], watched.Log.Select(entry => entry.Id));
        Assert.Contains("The cable broke.", watched.Log.Single().Message, StringComparison.Ordinal);
        Assert.All(hub.Pushes, push => Assert.Equal((watched.Device, 1m), (push.DeviceId, push.MeasurementValue)));
    }

    [Fact]
    public async Task What_happens_while_a_push_is_on_its_way_comes_with_the_next()
    {
        var release = new TaskCompletionSource();
        var hub = new FakeHub(number => number == 1 ? release.Task : Task.CompletedTask);
        using var watched = await WatchAsync(hub);
        await Eventually.TrueAsync(() => Task.FromResult(hub.Pushes.Count == 1), "the first push is on its way");

        await StoreAsync(watched.Device, Hour.AddMinutes(10), 2m);
        watched.Changes.Add([(watched.Device, Hour.AddMinutes(10))]);
        await Eventually.TrueAsync(() => Task.FromResult(watched.Watcher.Due.Count == 1), "the next push waits");
        Assert.Single(hub.Pushes);
        release.SetResult();

        await Eventually.TrueAsync(() => Task.FromResult(hub.Pushes.Count == 2), "the next push comes");
        Assert.Equal([1m, 2m], hub.Pushes.Select(push => push.MeasurementValue));
    }

    private async Task<Watched> WatchAsync(FakeHub hub)
    {
        var owner = Guid.NewGuid();
        var device = await monitoring.DeviceAsync(owners: owner);
        await StoreAsync(device, Hour, 1m);

        return await Watched.StartAsync(monitoring.Service.Services, hub, owner, device);
    }

    private async Task StoreAsync(Guid device, DateTimeOffset time, decimal energy)
    {
        var before = await CountAsync();
        await monitoring.PublishAsync(MonitoringFixture.Reading(device, time, energy));
        await Eventually.TrueAsync(async () => await CountAsync() > before, "the reading is stored");

        Task<int> CountAsync() => monitoring.QueryAsync(db => db.Hours.Where(hour => hour.DeviceId == device).SumAsync(hour => hour.ReadingCount));
    }

    private sealed class Watched(LivePusher pusher, LiveChanges changes, LiveWatchers watchers, LiveWatcher watcher, KeptLog log, Guid device) : IDisposable
    {
        public Guid Device => device;

        public LiveChanges Changes => changes;

        public LiveWatcher Watcher => watcher;

        public IEnumerable<(int Id, string Message)> Log => log.Entries;

        public static async Task<Watched> StartAsync(IServiceProvider services, FakeHub hub, Guid account, Guid device)
        {
            var (changes, log) = (new LiveChanges(), new KeptLog());
            var watchers = new LiveWatchers(changes);
            var watcher = new LiveWatcher(new FakeConnection(account));
            var pusher = new LivePusher(
                changes, watchers, hub, services.GetRequiredService<IServiceScopeFactory>(), new LiveMetrics(services.GetRequiredService<IMeterFactory>(), watchers),
                TimeProvider.System, log);
            Assert.True(watchers.TryAdd(watcher));
            await pusher.StartAsync(TestContext.Current.CancellationToken);

            return new Watched(pusher, changes, watchers, watcher, log, device);
        }

        public void Dispose()
        {
            pusher.StopAsync(CancellationToken.None).GetAwaiter().GetResult();
            pusher.Dispose();
            watchers.Dispose();
            changes.Dispose();
        }
    }

    /// <summary>Sends to nobody: each push ends as the test says.</summary>
    private sealed class FakeHub(Func<int, Task> send) : IHubContext<LiveHub>, IHubClients, ISingleClientProxy
    {
        public ConcurrentQueue<LiveDevice> Pushes { get; } = new();

        public IHubClients Clients => this;

        public IGroupManager Groups => throw new NotSupportedException();

        IClientProxy IHubClients<IClientProxy>.All => this;

        ISingleClientProxy IHubClients.Client(string connectionId) => this;

        IClientProxy IHubClients<IClientProxy>.Client(string connectionId) => this;

        IClientProxy IHubClients<IClientProxy>.AllExcept(IReadOnlyList<string> excludedConnectionIds) => this;

        IClientProxy IHubClients<IClientProxy>.Clients(IReadOnlyList<string> connectionIds) => this;

        IClientProxy IHubClients<IClientProxy>.Group(string groupName) => this;

        IClientProxy IHubClients<IClientProxy>.GroupExcept(string groupName, IReadOnlyList<string> excludedConnectionIds) => this;

        IClientProxy IHubClients<IClientProxy>.Groups(IReadOnlyList<string> groupNames) => this;

        IClientProxy IHubClients<IClientProxy>.User(string userId) => this;

        IClientProxy IHubClients<IClientProxy>.Users(IReadOnlyList<string> userIds) => this;

        public Task SendCoreAsync(string method, object?[] args, CancellationToken cancellationToken = default)
        {
            Pushes.Enqueue(Assert.Single((LiveDevice[])args[0]!));
            return send(Pushes.Count);
        }

        public Task<T> InvokeCoreAsync<T>(string method, object?[] args, CancellationToken cancellationToken) => throw new NotSupportedException();
    }

    private sealed class FakeConnection(Guid account) : HubCallerContext
    {
        public override string ConnectionId { get; } = $"{Guid.NewGuid()}";

        public override string? UserIdentifier => null;

        public override ClaimsPrincipal User { get; } = new(new ClaimsIdentity([new Claim("sub", $"{account}")]));

        public override IDictionary<object, object?> Items { get; } = new Dictionary<object, object?>();

        public override IFeatureCollection Features { get; } = new FeatureCollection();

        public override CancellationToken ConnectionAborted => CancellationToken.None;

        public override void Abort()
        {
        }
    }

    private sealed class KeptLog : ILogger<LivePusher>
    {
        public ConcurrentQueue<(int Id, string Message)> Entries { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Entries.Enqueue((eventId.Id, formatter(state, exception)));
    }
}
