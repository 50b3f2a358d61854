using EnergyAspire.Monitoring.Data;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Replicas;

/// <summary>The copies of accounts; of one that is gone nothing personal is left.</summary>
public sealed class UserCopies : ICopies<Guid, UserState>
{
    /// <summary>The copies.</summary>
    public static readonly UserCopies Instance = new();

    /// <inheritdoc />
    public Task<Dictionary<Guid, HeldVersion>> ReadAsync(MonitoringDbContext db, CancellationToken cancel) =>
        db.Users.AsNoTracking()
            .Select(user => new { user.Id, user.Version, user.IsDeleted })
            .ToDictionaryAsync(user => user.Id, user => new HeldVersion(user.Version, !user.IsDeleted), cancel);

    /// <inheritdoc />
    public Task<List<bool>> ShowAsync(MonitoringDbContext db, IReadOnlyList<UserState> states, CancellationToken cancel) =>
        db.Database.SqlQuery<bool>($"""
            insert into user_replicas as held (id, username, role, token_generation, version, is_deleted)
            select id, username, role, token_generation, version, false
            from unnest(
                {states.Select(state => state.Id).ToArray()}, {states.Select(state => state.Username).ToArray()},
                {states.Select(state => state.Role).ToArray()}, {states.Select(state => state.TokenGeneration).ToArray()},
                {states.Select(state => state.Version).ToArray()}) as source (id, username, role, token_generation, version)
            order by id
            on conflict (id) do update set
                username = excluded.username, role = excluded.role, token_generation = excluded.token_generation,
                version = excluded.version, is_deleted = false
            where held.version <= excluded.version
                and (held.username, held.role, held.token_generation, held.version, held.is_deleted)
                    is distinct from (excluded.username, excluded.role, excluded.token_generation, excluded.version, false)
            returning held.xmax = 0 as "Value"
            """).ToListAsync(cancel);

    /// <inheritdoc />
    public Task<int> BuryAsync(MonitoringDbContext db, IReadOnlyList<(Guid Key, long Version)> rows, CancellationToken cancel) =>
        db.Database.ExecuteSqlAsync($"""
            insert into user_replicas as held (id, username, role, token_generation, version, is_deleted)
            select id, '', '', 0, version, true
            from unnest({rows.Select(row => row.Key).ToArray()}, {rows.Select(row => row.Version).ToArray()}) as gone (id, version)
            order by id
            on conflict (id) do update set
                username = '', role = '', token_generation = 0, version = excluded.version, is_deleted = true
            where held.version < excluded.version
            """, cancel);

    /// <inheritdoc />
    public Task DistrustAsync(MonitoringDbContext db, IReadOnlyList<(Guid Key, long Version)> rows, CancellationToken cancel) =>
        db.Database.ExecuteSqlAsync($"""
            update user_replicas as held set version = 0
            from unnest({rows.Select(row => row.Key).ToArray()}, {rows.Select(row => row.Version).ToArray()}) as seen (id, version)
            where held.id = seen.id and held.version = seen.version
            """, cancel);
}
