using System.Collections.Concurrent;
using EnergyAspire.Messaging;

namespace EnergyAspire.Monitoring.Live;

/// <summary>The live connections of this replica.</summary>
internal sealed class LiveWatchers(LiveChanges changes) : IDisposable
{
    /// <summary>Most connections of an account at this replica; enough for many tabs in a few browsers.</summary>
    public const int MostOfAnAccount = 50;

    private readonly ConcurrentDictionary<string, LiveWatcher> _watchers = new(StringComparer.Ordinal);
    private readonly Lock _adding = new();
    private readonly Signal _changed = new();

    public bool IsEmpty => _watchers.IsEmpty;

    public ICollection<LiveWatcher> All => _watchers.Values;

    /// <summary>Adds a connection and schedules a push of all its devices; false when its account has too many connections.</summary>
    public bool TryAdd(LiveWatcher watcher)
    {
        lock (_adding)
        {
            if (All.Count(other => other.AccountId == watcher.AccountId) >= MostOfAnAccount)
                return false;

            _watchers[watcher.ConnectionId] = watcher;
        }

        _changed.Set();
        changes.Nudge();
        return true;
    }

    public void Remove(string connectionId)
    {
        _watchers.TryRemove(connectionId, out _);
        _changed.Set();
    }

    /// <summary>Limits a connection to these devices.</summary>
    public void Ask(string connectionId, IEnumerable<Guid> devices)
    {
        if (_watchers.TryGetValue(connectionId, out var watcher))
            watcher.Ask(devices);
        changes.Nudge();
    }

    /// <summary>Schedules a push of all devices to every connection.</summary>
    public void ShowAll()
    {
        foreach (var watcher in All)
            watcher.ShowAll();
        changes.Nudge();
    }

    /// <summary>Waits until a connection is added or removed, at most this long.</summary>
    public Task WaitAsync(TimeSpan longest, CancellationToken cancel) => _changed.WaitAsync(longest, cancel);

    public void Dispose() => _changed.Dispose();
}
