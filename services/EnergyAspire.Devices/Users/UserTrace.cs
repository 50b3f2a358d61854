using EnergyAspire.Devices.Data;
using EnergyAspire.Devices.Mappings;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Devices.Users;

/// <summary>What undoing a saga's step needs to know.</summary>
/// <param name="Before">Copy before the step; null when there was none.</param>
/// <param name="Version">Version that the step gave the copy; another one is no longer the step's to undo.</param>
/// <param name="Taken">Devices that the step took away from the account.</param>
internal sealed record UserTrace(UserReplica? Before, long Version, IReadOnlyList<Guid> Taken);

/// <summary>Undoing what a saga's step did.</summary>
internal static class UserUndo
{
    /// <summary>Brings back what was before the step, unless something newer has come since; saved by the caller.</summary>
    public static async Task UndoAsync(this Work work, Guid id, UserTrace trace, CancellationToken cancel)
    {
        if (trace.Before is { } before)
            await RestoreAsync(work.Db, before, trace.Version, cancel);
        else
            await RemoveAsync(work, id, trace.Version, cancel);

        var live = await work.Db.Users.FromSql($"select * from user_replicas where id = {id} and not is_deleted for share").AsNoTracking().ToListAsync(cancel);
        if (live is not [])
            await work.BringBackAsync(id, trace.Taken, cancel);
    }

    private static Task<int> RestoreAsync(DeviceDbContext db, UserReplica before, long version, CancellationToken cancel) => db.Database.ExecuteSqlAsync($"""
        update user_replicas set
            username = {before.Username}, role = {before.Role}, token_generation = {before.TokenGeneration},
            version = {before.Version}, is_deleted = {before.IsDeleted}, is_provisional = {before.IsProvisional}
        where id = {before.Id} and version = {version}
        """, cancel);

    /// <summary>Removes a copy that nothing but the step has spoken of, and what was assigned to it meanwhile.</summary>
    private static async Task RemoveAsync(Work work, Guid id, long version, CancellationToken cancel)
    {
        var isRemoved = await work.Db.Database.ExecuteSqlAsync($"""
            delete from user_replicas where id = {id} and version = {version} and (is_provisional or is_deleted)
            """, cancel) == 1;
        if (isRemoved)
            work.TakeAway(await work.Db.LockMappingsOfUserAsync(id, cancel));
    }
}
