using EnergyAspire.Monitoring.Data;

namespace EnergyAspire.Monitoring.Replicas.Rebuild;

/// <summary>What a rebuild did to one of the copies.</summary>
/// <param name="Added">Rows that were missing.</param>
/// <param name="Changed">Rows that differed, also tombstones of what exists.</param>
/// <param name="Removed">Rows of what no longer exists; they are tombstones now.</param>
/// <param name="Unchanged">Rows that were right, or that an event has made newer meanwhile.</param>
public sealed record RebuiltCopy(int Added, int Changed, int Removed, int Unchanged);

/// <summary>What a rebuild did.</summary>
/// <param name="Users">Copies of accounts.</param>
/// <param name="Devices">Copies of devices.</param>
/// <param name="Mappings">Copies of mappings.</param>
/// <example>{"users":{"added":0,"changed":1,"removed":0,"unchanged":41},"devices":{"added":1,"changed":0,"removed":0,"unchanged":17},"mappings":{"added":0,"changed":0,"removed":2,"unchanged":20}}</example>
public sealed record RebuiltCopies(RebuiltCopy Users, RebuiltCopy Devices, RebuiltCopy Mappings);

/// <summary>
/// Compares the copies with their sources and mends what differs, while events go on. It may run any number of times, also at once:
/// what events bring meanwhile is newer than what was read and stays.
/// </summary>
public sealed class ReplicaRebuild(UserSource users, DeviceSource devices, MonitoringDbContext db, ILogger<ReplicaRebuild> logger)
{
    private const int MostAtOnce = 1000;

    /// <summary>Rebuilds all copies. When a source goes away in between, what was mended until then stays mended.</summary>
    public async Task<RebuiltCopies> RunAsync(CancellationToken cancel)
    {
        var rebuilt = new RebuiltCopies(
            await RunAsync(UserCopies.Instance, users.ReadUsersAsync(cancel), cancel),
            await RunAsync(DeviceCopies.Instance, WithoutFaultsAsync(devices.ReadDevicesAsync(cancel)), cancel),
            await RunAsync(MappingCopies.Instance, devices.ReadMappingsAsync(cancel), cancel));
        ReplicaLog.Rebuilt(logger, rebuilt);

        return rebuilt;
    }

    private async Task<RebuiltCopy> RunAsync<TKey, TState>(
        ICopies<TKey, TState> copies, IAsyncEnumerable<List<TState>> source, CancellationToken cancel)
        where TKey : notnull
        where TState : IReplicaState<TKey>
    {
        // Keys and versions only, read before the source: a row that is held now and that the source doesn't list afterwards is gone there.
        var held = await copies.ReadAsync(db, cancel);
        var (added, changed, unchanged) = (0, 0, 0);

        await foreach (var page in source.WithCancellation(cancel))
        {
            // Versions only grow, so a source that was read later can't be older than the copy, unless one of both was tampered with or
            // restored from a backup. The source is right then.
            var overstated = page.Where(state => held.TryGetValue(state.Key, out var copy) && copy.Version > state.Version)
                .Select(state => (state.Key, held[state.Key].Version)).ToArray();
            foreach (var state in page)
                held.Remove(state.Key);

            await using var transaction = await db.Database.BeginTransactionAsync(cancel);
            if (overstated.Length > 0)
                await copies.DistrustAsync(db, overstated, cancel);
            var written = await copies.ShowAsync(db, [.. page.DistinctBy(state => state.Key)], cancel);
            await transaction.CommitAsync(cancel);

            added += written.Count(isNew => isNew);
            changed += written.Count(isNew => !isNew);
            unchanged += page.Count - written.Count;
        }

        // Deleting a row made at least one version more than is held. If the copy has a newer one by now, an event has told more.
        var removed = 0;
        foreach (var gone in held.Where(row => row.Value.IsLive).Select(row => (row.Key, row.Value.Version + 1)).Chunk(MostAtOnce))
            removed += await copies.BuryAsync(db, gone, cancel);

        return new RebuiltCopy(added, changed, removed, unchanged);
    }

    private async IAsyncEnumerable<List<DeviceState>> WithoutFaultsAsync(IAsyncEnumerable<List<DeviceState>> source)
    {
        await foreach (var page in source)
        {
            foreach (var device in page.Where(device => device.Fault is not null))
                ReplicaLog.Faulty(logger, device.Id, device.Fault!);

            yield return page.FindAll(device => device.Fault is null);
        }
    }
}
