using EnergyAspire.Devices.Data;
using EnergyAspire.Devices.Mappings;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Devices.Users;

/// <summary>Record of what a saga's step changed, for undoing it.</summary>
/// <param name="Before">Replica before the step; null when there was none.</param>
/// <param name="Version">Version that the step gave the replica. A replica with another version has been changed since and isn't undone.</param>
/// <param name="Taken">Devices that the step unassigned from the account.</param>
internal sealed record UserTrace(UserReplica? Before, long Version, IReadOnlyList<Guid> Taken);

/// <summary>Undoes a saga's step.</summary>
internal static class UserUndo
{
    /// <summary>Restores the state before the step, unless the replica has been changed since. The caller saves.</summary>
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

    /// <summary>Removes a replica that only the step has written, and the mappings that were assigned to it meanwhile.</summary>
    private static async Task RemoveAsync(Work work, Guid id, long version, CancellationToken cancel)
    {
        var isRemoved = await work.Db.Database.ExecuteSqlAsync($"""
            delete from user_replicas where id = {id} and version = {version} and (is_provisional or is_deleted)
            """, cancel) == 1;
        if (isRemoved)
            work.TakeAway(await work.Db.LockMappingsOfUserAsync(id, cancel));
    }
}
