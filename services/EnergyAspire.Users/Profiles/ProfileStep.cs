using System.Text.Json.Serialization;
using EnergyAspire.Data.Audit;
using EnergyAspire.Users.Data;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace EnergyAspire.Users.Profiles;

/// <summary>Record of what a saga's step did, for undoing it.</summary>
/// <param name="Id">Account id.</param>
/// <param name="Did">What was done.</param>
/// <param name="Edit">Which values were changed; null when the step didn't change values.</param>
public sealed record StepTrace(Guid Id, StepKind Did, ProfileEdit? Edit = null);

/// <summary>Kind of a saga's step on a profile.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StepKind>))]
public enum StepKind
{
    /// <summary>Created it.</summary>
    Created,

    /// <summary>Changed its values.</summary>
    Updated,

    /// <summary>Hid it.</summary>
    Deleted,
}

/// <summary>The dependencies of a saga's step on a profile, bound from the request.</summary>
public sealed record ProfileStep(UserDbContext Db, TimeProvider Time, HttpContext Http)
{
    internal DateTimeOffset Now => Time.GetUtcNow();

    internal Task<Profile?> FindAsync(Guid id, CancellationToken cancel) =>
        Db.Profiles.IgnoreQueryFilters().SingleOrDefaultAsync(profile => profile.Id == id, cancel);

    internal void Audit(string action, Guid id, object? before = null, object? after = null) =>
        Db.Audit(Http.Actor(), action, Now, userId: id, before: before, after: after);

    /// <summary>Undoes a step in the current transaction. Does nothing when the profile has been permanently deleted.</summary>
    internal async Task UndoAsync(StepTrace trace, CancellationToken cancel)
    {
        if (await Db.LockAsync(trace.Id, cancel) is not { } profile)
            return;

        switch (trace)
        {
            case { Did: StepKind.Created }:
                Db.Remove(profile);
                await Db.Accounts.Where(account => account.Id == trace.Id && account.Version == 0).ExecuteDeleteAsync(cancel);
                Audit("profile_creation_undone", trace.Id);
                break;
            case { Did: StepKind.Updated, Edit: { } edit } when profile.Revert(edit) is { IsNothing: false } reverted:
                profile.Touch(Now);
                await SaveRevertedAsync(profile, reverted, cancel);
                await Db.ReleaseEmailsAsync(trace.Id, cancel);
                Audit("profile_update_undone", trace.Id, reverted.Before, reverted.After);
                break;
            case { Did: StepKind.Deleted } when profile.DeletedAt is not null:
                profile.DeletedAt = null;
                profile.Touch(Now);
                Audit("profile_deletion_undone", trace.Id);
                break;
        }

        await Db.SaveChangesAsync(cancel);
    }

    /// <summary>
    /// Saves an undone change. Undoing must succeed, so an e-mail address that another profile has meanwhile is left out. That can happen in
    /// spite of <see cref="EmailHold"/>: a late event of an earlier saga releases a reservation too early.
    /// </summary>
    private async Task SaveRevertedAsync(Profile profile, ProfileEdit reverted, CancellationToken cancel)
    {
        try
        {
            await Db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateException failure) when (failure.InnerException is PostgresException { ConstraintName: UserDbContext.UniqueEmail })
        {
            profile.Email = null;
            reverted.After["email"] = "";
            await Db.SaveChangesAsync(cancel);
        }
    }
}
