using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Data.Replicas;

/// <summary>Key and version of a row in a replica table.</summary>
/// <param name="Key">Key of the row.</param>
/// <param name="Version">Version that the row holds.</param>
/// <param name="IsLive">Whether a rebuild may turn it into a tombstone; false for tombstones.</param>
public sealed record HeldReplica<TKey>(TKey Key, long Version, bool IsLive);

/// <summary>
/// A replica table: rows that copy data which another service owns. Every write is guarded by the version, so that any order and any repetition of
/// events ends in the same rows. A state of an older version has no effect. A state of the same version repairs a row that differs. A deletion leaves
/// a tombstone, so that a late event can't bring the row back.
/// </summary>
/// <typeparam name="TContext">Database.</typeparam>
/// <typeparam name="TKey">Key of a row.</typeparam>
/// <typeparam name="TState">State that a row is written from.</typeparam>
public abstract class ReplicaTable<TContext, TKey, TState>
    where TContext : DbContext
    where TKey : notnull
{
    private const int MostAtOnce = 1000;

    private readonly Func<TState, TKey> _keyOf;
    private readonly Func<TState, long> _versionOf;
    private readonly Func<TContext, IQueryable<HeldReplica<TKey>>> _held;
    private readonly ReplicaRules _rules;
    private readonly ReplicaColumn<TKey>[] _keys;
    private readonly ReplicaColumn<TState>[] _values;
    private readonly (string Show, string Bury, string Distrust) _sql;

    /// <summary>Describes the table. The version must be in the column <c>version</c>.</summary>
    /// <param name="name">Name of the table.</param>
    /// <param name="keyOf">Returns the key of a state.</param>
    /// <param name="versionOf">Returns the version of a state.</param>
    /// <param name="held">Query for the keys and versions of all rows, tombstones included.</param>
    /// <param name="keys">Columns of the key.</param>
    /// <param name="values">The other columns, without version and tombstone mark.</param>
    /// <param name="rules">Special rules of the table.</param>
    protected ReplicaTable(
        string name, Func<TState, TKey> keyOf, Func<TState, long> versionOf, Func<TContext, IQueryable<HeldReplica<TKey>>> held,
        ReplicaColumn<TKey>[] keys, ReplicaColumn<TState>[] values, ReplicaRules rules = ReplicaRules.None)
    {
        (_keyOf, _versionOf, _held, _rules, _keys, _values) = (keyOf, versionOf, held, rules, keys, values);
        _sql = Sql(name);
    }

    /// <summary>Inserts or updates rows. Each key may occur only once.</summary>
    /// <returns>For each written row, whether it was inserted.</returns>
    public virtual Task<List<bool>> ShowAsync(TContext db, IReadOnlyList<TState> states, CancellationToken cancel) =>
        db.Database.SqlQueryRaw<bool>(_sql.Show,
        [
            .. _keys.Select(key => key.Values(states.Select(_keyOf))), .. _values.Select(value => value.Values(states)),
            states.Select(_versionOf).ToArray(),
        ]).ToListAsync(cancel);

    /// <summary>Writes tombstones.</summary>
    /// <returns>How many rows were written.</returns>
    public Task<int> BuryAsync(TContext db, IReadOnlyList<(TKey Key, long Version)> rows, CancellationToken cancel) =>
        db.Database.ExecuteSqlRawAsync(_sql.Bury, Arrays(rows), cancel);

    /// <summary>
    /// Compares the replicas with their source and repairs differences, while events are still applied. It is idempotent and may run concurrently:
    /// rows that events write meanwhile have newer versions and are kept. When the source can't be read completely, nothing is deleted, and repairs
    /// made so far are kept.
    /// </summary>
    /// <param name="source">Pages of the source's list.</param>
    /// <param name="afterBurial">Called with the keys of new tombstones, in their transaction. Changes that it tracks are saved.</param>
    /// <exception cref="HttpRequestException">The source can't be read, or it lists no rows although it always has some.</exception>
    public async Task<RebuildCounts> RebuildAsync(
        TContext db, IAsyncEnumerable<List<TState>> source, CancellationToken cancel, Func<IReadOnlyList<TKey>, Task>? afterBurial = null)
    {
        // Read before the source: a row that exists here now and isn't in the source's list afterwards was deleted there.
        var held = await _held(db).ToDictionaryAsync(row => row.Key, cancel);
        var (added, changed, unchanged, listsNothing) = (0, 0, 0, true);
        await foreach (var listed in source.WithCancellation(cancel))
        {
            var page = listed.FindAll(CanHold);
            // The source is read after the replica, and versions only grow. So a replica with a higher version than the source is wrong: its version
            // is reset, and the source's state is applied.
            var overstated = page.Where(state => held.TryGetValue(_keyOf(state), out var row) && row.Version > _versionOf(state))
                .Select(state => (_keyOf(state), held[_keyOf(state)].Version)).ToArray();
            foreach (var state in listed)
                held.Remove(_keyOf(state));

            await using var transaction = await db.Database.BeginTransactionAsync(cancel);
            if (overstated.Length > 0 && !_rules.HasFlag(ReplicaRules.MayBeAhead))
                await db.Database.ExecuteSqlRawAsync(_sql.Distrust, Arrays(overstated), cancel);
            var written = await ShowAsync(db, [.. page.DistinctBy(_keyOf)], cancel);
            await transaction.CommitAsync(cancel);

            added += written.Count(isNew => isNew);
            changed += written.Count(isNew => !isNew);
            unchanged += page.Count - written.Count;
            listsNothing &= listed.Count == 0;
        }

        if (listsNothing && _rules.HasFlag(ReplicaRules.HasSome) && held.Values.Any(row => row.IsLive))
            throw new HttpRequestException("The source lists nothing at all.");

        // The deletion raised the version at the source by at least one. A replica that has a higher version by now was updated by an event and is
        // kept.
        var removed = 0;
        foreach (var gone in held.Values.Where(row => row.IsLive).Select(row => (row.Key, row.Version + 1)).Chunk(MostAtOnce))
        {
            await using var transaction = await db.Database.BeginTransactionAsync(cancel);
            removed += await BuryAsync(db, gone, cancel);
            if (afterBurial is not null)
            {
                await afterBurial(Array.ConvertAll(gone, row => row.Key));
                await db.SaveChangesAsync(cancel);
            }

            await transaction.CommitAsync(cancel);
        }

        return new RebuildCounts(added, changed, removed, unchanged);
    }

    /// <summary>Whether a row can hold a state. A rebuild leaves the row of any other state as it is.</summary>
    protected virtual bool CanHold(TState state) => true;

    /// <summary>Describes a column of the key.</summary>
    protected static ReplicaColumn<TKey> Key<TValue>(string name, Func<TKey, TValue> value) => Column(name, value, "", merged: null, type: null);

    /// <summary>Describes a column that isn't part of the key.</summary>
    /// <param name="name">Name of the column.</param>
    /// <param name="value">Reads its value.</param>
    /// <param name="tombstone">What a tombstone holds, in SQL.</param>
    /// <param name="merged">
    /// SQL for the value after an update, over the old row <c>held</c> and the new row <c>excluded</c>; by default the new value.
    /// </param>
    /// <param name="type">Type of the column when <paramref name="value"/> returns a text that is cast to it.</param>
    protected static ReplicaColumn<TState> Value<TValue>(
        string name, Func<TState, TValue> value, string tombstone, string? merged = null, string? type = null) =>
        Column(name, value, tombstone, merged, type);

    private static ReplicaColumn<TRow> Column<TRow, TValue>(string name, Func<TRow, TValue> value, string tombstone, string? merged, string? type) =>
        new(name, rows => rows.Select(value).ToArray(), tombstone, merged ?? $"excluded.{name}", type);

    private object[] Arrays(IReadOnlyList<(TKey Key, long Version)> rows) =>
        [.. _keys.Select(key => key.Values(rows.Select(row => row.Key))), rows.Select(row => row.Version).ToArray()];

    private (string Show, string Bury, string Distrust) Sql(string table)
    {
        var keepsValues = _rules.HasFlag(ReplicaRules.KeepsValues);
        // Column with the version that the values are from.
        var state = keepsValues ? "state_version" : "version";
        var keys = List(_keys, key => key.Name);
        var sameKeys = string.Join(" and ", _keys.Select(key => $"held.{key.Name} = seen.{key.Name}"));
        var values = List(_values, value => value.Name, trailing: true);
        var merged = List(_values, value => $"{value.Name} = {value.Merged}", trailing: true);
        var tombstone = List(_values, value => value.Tombstone, trailing: true);
        var buried = keepsValues ? "" : List(_values, value => $"{value.Name} = {value.Tombstone}", trailing: true);
        var isFinal = _rules.HasFlag(ReplicaRules.IsFinal);
        string Parameters(int count) => string.Join(", ", Enumerable.Range(0, count).Select(number => $"{{{number}}}"));

        // The system column xmax tells inserts from updates: it is 0 in an inserted row, and the id of the current transaction in a row that "on
        // conflict do update" changed.
        var show = $"""
            insert into {table} as held ({keys}, {values}{(keepsValues ? "state_version, " : "")}version, is_deleted)
            select {keys}, {List(_values, value => value.Passed, trailing: true)}{(keepsValues ? "version, " : "")}version, false
            from unnest({Parameters(_keys.Length + _values.Length + 1)}) as source ({keys}, {values}version)
            order by {keys}
            on conflict ({keys}) do update set
                {merged}{(keepsValues ? "state_version = excluded.state_version, " : "")}
                version = greatest(held.version, excluded.version), is_deleted = held.is_deleted and held.version > excluded.version
            where held.{state} <= excluded.{state}
                and (({List(_values, value => $"held.{value.Name}", trailing: true)}held.{state})
                        is distinct from ({List(_values, value => value.Merged, trailing: true)}excluded.{state})
                    or (held.is_deleted and held.version <= excluded.version))
                {(isFinal ? "and not held.is_deleted" : "")}
            returning held.xmax = 0 as "Value"
            """;
        var bury = $"""
            insert into {table} as held ({keys}, {values}{(keepsValues ? "state_version, " : "")}version, is_deleted)
            select {keys}, {tombstone}{(keepsValues ? "0, " : "")}version, true
            from unnest({Parameters(_keys.Length + 1)}) as seen ({keys}, version)
            order by {keys}
            on conflict ({keys}) do update set {buried}version = greatest(held.version, excluded.version), is_deleted = true
            where held.version < excluded.version {(isFinal ? "or not held.is_deleted" : "")}
            """;
        var distrust = $"""
            update {table} as held set version = 0{(keepsValues ? ", state_version = 0" : "")}
            from unnest({Parameters(_keys.Length + 1)}) as seen ({keys}, version)
            where {sameKeys} and held.version = seen.version
            """;

        return (show, bury, distrust);
    }

    private static string List<T>(IEnumerable<T> columns, Func<T, string> text, bool trailing = false) =>
        trailing ? string.Concat(columns.Select(column => $"{text(column)}, ")) : string.Join(", ", columns.Select(text));
}
