using EnergyAspire.Contracts;
using EnergyAspire.Identity.Data;
using EnergyAspire.Identity.Sagas;
using EnergyAspire.Messaging.Outbox;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Identity.Accounts;

/// <summary>Shared parts of all changes of accounts: locking, events, and the rule that an admin must remain.</summary>
internal static class AccountChanges
{
    /// <summary>
    /// Reads an active account and locks its row until the transaction ends; null when there is none. An account that is being deleted can't be
    /// changed, because its deletion has already sent its last version to the other services.
    /// </summary>
    public static Task<Account?> LockAccountAsync(this AuthDbContext db, Guid id, CancellationToken cancel) =>
        db.Accounts.FromSql($"select * from accounts where id = {id} and state = 'Active' for update").SingleOrDefaultAsync(cancel);

    /// <summary>As <see cref="LockAccountAsync"/>, but for an account that is being deleted.</summary>
    public static Task<Account?> LockDeletedAccountAsync(this AuthDbContext db, Guid id, CancellationToken cancel) =>
        db.Accounts.FromSql($"select * from accounts where id = {id} and state = 'Deleting' for update").SingleOrDefaultAsync(cancel);

    /// <summary>Increments the version and adds the event for the other services.</summary>
    public static void AnnounceUpdate(this AuthDbContext db, Account account, DateTimeOffset now)
    {
        account.Version++;
        db.Announce(new UserUpdated(account.Id, account.UserName!, account.Role, account.TokenGeneration), account.Version, now);
    }

    /// <summary>
    /// Makes sure that another admin can still sign in when this account is no longer an admin. It locks the rows of all admins, so that two
    /// concurrent changes can't remove the last two admins. Call it before locking an account.
    /// </summary>
    /// <exception cref="SagaRefusedException">The account is the last admin.</exception>
    public static async Task RequireOtherAdminAsync(this AuthDbContext db, Guid id, DateTimeOffset now, CancellationToken cancel)
    {
        var admins = await db.Accounts
            .FromSql($"select * from accounts where role = {Roles.Admin} and state = 'Active' order by id for update")
            .AsNoTracking()
            .ToListAsync(cancel);
        if (admins.Exists(admin => admin.Id == id) && !admins.Exists(admin => admin.Id != id && !(admin.LockedUntil > now)))
            throw new SagaRefusedException(new SagaRefusal(StatusCodes.Status409Conflict, "The last admin can't be deleted, demoted or locked."));
    }
}

/// <summary>Data of an account in audit records.</summary>
/// <param name="Username">Sign-in name.</param>
/// <param name="Role"><c>admin</c> or <c>client</c>.</param>
/// <param name="LockedUntil">Until when an admin locked it.</param>
/// <param name="PasswordChanged">True when the password was changed. The password itself is never recorded.</param>
internal sealed record AccountFacts(string Username, string Role, DateTimeOffset? LockedUntil, bool? PasswordChanged)
{
    public static AccountFacts Of(Account account, bool passwordChanged = false) =>
        new(account.UserName!, account.Role, account.LockedUntil, passwordChanged ? true : null);
}
