using EnergyAspire.Monitoring.Data;

namespace EnergyAspire.Monitoring.Replicas;

/// <summary>What a copy holds of something.</summary>
/// <param name="Version">Version it shows.</param>
/// <param name="IsLive">Whether it is no tombstone.</param>
public readonly record struct HeldVersion(long Version, bool IsLive);

/// <summary>
/// One of the copies in this database. What is written is guarded by the version, so that any order and any repetition ends in the same
/// rows: an older state has no effect, one of the same version mends a row that differs.
/// </summary>
/// <typeparam name="TKey">What identifies a row.</typeparam>
/// <typeparam name="TState">State of a row's source.</typeparam>
public interface ICopies<TKey, TState>
    where TKey : notnull
    where TState : IReplicaState<TKey>
{
    /// <summary>Reads what is held, tombstones too.</summary>
    Task<Dictionary<TKey, HeldVersion>> ReadAsync(MonitoringDbContext db, CancellationToken cancel);

    /// <summary>Shows states, of one key at most once.</summary>
    /// <returns>
    /// For each row that was written whether it is new. The statements ask PostgreSQL's system column <c>xmax</c>: it is 0 in a row that was
    /// inserted, and the number of the present transaction in one that <c>on conflict do update</c> changed.
    /// </returns>
    Task<List<bool>> ShowAsync(MonitoringDbContext db, IReadOnlyList<TState> states, CancellationToken cancel);

    /// <summary>Leaves tombstones, so that a late event can't bring anything back.</summary>
    /// <returns>How many rows were written.</returns>
    Task<int> BuryAsync(MonitoringDbContext db, IReadOnlyList<(TKey Key, long Version)> rows, CancellationToken cancel);

    /// <summary>Lets any state overwrite rows that still show these versions.</summary>
    Task DistrustAsync(MonitoringDbContext db, IReadOnlyList<(TKey Key, long Version)> rows, CancellationToken cancel);
}
