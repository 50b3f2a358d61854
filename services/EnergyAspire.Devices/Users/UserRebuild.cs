using System.ComponentModel.DataAnnotations;
using EnergyAspire.Devices.Data;
using EnergyAspire.Devices.Mappings;
using EnergyAspire.ServiceDefaults.Audit;
using EnergyAspire.ServiceDefaults.Lists;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Devices.Users;

/// <summary>An account as its source shows it.</summary>
public sealed record SourceUser(Guid Id, string Username, string Role, long Version, long TokenGeneration);

/// <summary>What a rebuild did to the copies.</summary>
/// <param name="Added">Accounts that were missing.</param>
/// <param name="Changed">Accounts that were shown otherwise than at the source.</param>
/// <param name="Removed">Accounts that are no longer at the source.</param>
/// <param name="Unchanged">Accounts that were shown as at the source, or newer.</param>
/// <example>{"added":1,"changed":0,"removed":0,"unchanged":41}</example>
public sealed record RebuildCounts(int Added, int Changed, int Removed, int Unchanged);

/// <summary>Identity's list of accounts.</summary>
public sealed class UserSource(HttpClient http)
{
    /// <summary>Reads all accounts whose registration has ended, page by page.</summary>
    /// <exception cref="HttpRequestException">The list couldn't be read to its end.</exception>
    public IAsyncEnumerable<List<SourceUser>> ReadAsync(CancellationToken cancel) =>
        http.ReadPagesAsync<SourceUser>("/internal/users?limit=1000", cancel);
}

/// <summary>
/// Mends the copies of accounts from their source. It may run at any time, while events arrive: a copy with a newer version than the
/// source's answer is left as it is. A copy is removed only if the source doesn't list it and its version is still the one from before the
/// source was read.
/// </summary>
public sealed class UserRebuild(DeviceDbContext db, UserSource source, TimeProvider time)
{
    // The system column xmax holds the transaction that last locked, updated or deleted a row version. Among the rows that an upsert returns
    // it is 0 for inserted ones and not 0 for updated ones, because "on conflict" locks the row before it updates it.
    private const string Repair = """
        insert into user_replicas as held (id, username, role, token_generation, version, is_deleted, is_provisional)
        select id, username, role, token_generation, version, false, false
        from unnest({0}, {1}, {2}, {3}, {4}) as source (id, username, role, token_generation, version)
        order by id
        on conflict (id) do update set
            username = excluded.username, role = excluded.role, token_generation = excluded.token_generation,
            version = excluded.version, is_deleted = false, is_provisional = false
        where held.version <= excluded.version
            and (held.username, held.role, held.token_generation, held.version, held.is_deleted)
                is distinct from (excluded.username, excluded.role, excluded.token_generation, excluded.version, false)
        returning held.xmax = 0 as "Value"
        """;

    /// <summary>Makes the copies as the source is.</summary>
    /// <param name="actor">Who has it done.</param>
    /// <param name="cancel">Set to stop; what was mended stays mended.</param>
    /// <exception cref="HttpRequestException">The source couldn't be read to its end; then nothing is removed.</exception>
    public async Task<RebuildCounts> RunAsync(AuditActor actor, CancellationToken cancel)
    {
        var unseen = await db.Users.AsNoTracking()
            .Where(user => !user.IsDeleted && !user.IsProvisional)
            .ToDictionaryAsync(user => user.Id, user => user.Version, cancel);

        var (added, changed, total) = (0, 0, 0);
        await foreach (var page in source.ReadAsync(cancel))
        {
            var repaired = await RepairAsync(page, cancel);
            added += repaired.Count(isNew => isNew);
            changed += repaired.Count(isNew => !isNew);
            total += page.Count;
            foreach (var user in page)
                unseen.Remove(user.Id);
        }

        // There is always at least one admin, so an empty list means that the source is broken.
        if (total == 0)
            throw new HttpRequestException("The source has no accounts at all.");

        var removed = 0;
        foreach (var (id, version) in unseen.OrderBy(user => user.Key))
            removed += await RemoveAsync(id, version, actor, cancel) ? 1 : 0;

        return new RebuildCounts(added, changed, removed, total - added - changed);
    }

    private Task<List<bool>> RepairAsync(List<SourceUser> page, CancellationToken cancel) => db.Database
        .SqlQueryRaw<bool>(
            Repair,
            page.Select(user => user.Id).ToArray(), page.Select(user => user.Username).ToArray(), page.Select(user => user.Role).ToArray(),
            page.Select(user => user.TokenGeneration).ToArray(), page.Select(user => user.Version).ToArray())
        .ToListAsync(cancel);

    private async Task<bool> RemoveAsync(Guid id, long version, AuditActor actor, CancellationToken cancel)
    {
        var work = Work.Begin(db, time, actor);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var isRemoved = await db.Database.ExecuteSqlAsync($"""
            update user_replicas set username = '', role = '', is_deleted = true
            where id = {id} and version = {version} and not is_deleted
            """, cancel) == 1;
        if (isRemoved)
        {
            work.TakeAway(await db.LockMappingsOfUserAsync(id, cancel));
            await db.SaveChangesAsync(cancel);
            await transaction.CommitAsync(cancel);
        }

        return isRemoved;
    }
}

/// <summary>How the copies are kept; section <c>Replicas</c>.</summary>
public sealed class ReplicaOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Replicas";

    /// <summary>How often the copies are compared with their source.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00", ErrorMessage = "Replicas:RebuildEvery must be one second to 30 days.")]
    public TimeSpan RebuildEvery { get; set; } = TimeSpan.FromHours(6);
}
