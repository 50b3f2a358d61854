using EnergyAspire.Contracts;
using EnergyAspire.Identity.Data;
using EnergyAspire.Identity.Sagas;
using EnergyAspire.Messaging.Outbox;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Identity.Accounts;

/// <summary>What every change of an account has to do.</summary>
internal static class AccountChanges
{
    /// <summary>
    /// Reads an active account and keeps others from changing it until the transaction ends; null when there is none. An account that is
    /// being deleted can't be changed: its deletion has promised the other services which version is the last.
    /// </summary>
    public static Task<Account?> LockAccountAsync(this AuthDbContext db, Guid id, CancellationToken cancel) =>
        db.Accounts.FromSql($"select * from accounts where id = {id} and state = 'Active' for update").SingleOrDefaultAsync(cancel);

    /// <summary>As <see cref="LockAccountAsync"/>, for the deletion itself: reads an account that is being deleted.</summary>
    public static Task<Account?> LockDeletedAccountAsync(this AuthDbContext db, Guid id, CancellationToken cancel) =>
        db.Accounts.FromSql($"select * from accounts where id = {id} and state = 'Deleting' for update").SingleOrDefaultAsync(cancel);

    /// <summary>Counts a change and tells the other services of it.</summary>
    public static void AnnounceUpdate(this AuthDbContext db, Account account, DateTimeOffset now)
    {
        account.Version++;
        db.Announce(new UserUpdated(account.Id, account.UserName!, account.Role, account.TokenGeneration), account.Version, now);
    }

    /// <summary>
    /// Makes sure that an admin who can sign in is left when this account is none any more. It locks the rows of all admins, so that two
    /// who go at the same moment see each other. Call it before locking an account.
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

/// <summary>What audit records tell of an account.</summary>
/// <param name="Username">Sign-in name.</param>
/// <param name="Role"><c>admin</c> or <c>client</c>.</param>
/// <param name="LockedUntil">Until when an admin locked it.</param>
/// <param name="PasswordChanged">True where the password was changed; what it is, is told nowhere.</param>
internal sealed record AccountFacts(string Username, string Role, DateTimeOffset? LockedUntil, bool? PasswordChanged)
{
    public static AccountFacts Of(Account account, bool passwordChanged = false) =>
        new(account.UserName!, account.Role, account.LockedUntil, passwordChanged ? true : null);
}
