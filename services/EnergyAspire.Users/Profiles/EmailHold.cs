using EnergyAspire.Api.Names;
using EnergyAspire.Users.Data;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Users.Profiles;

/// <summary>An e-mail address that a saga removed from a profile. It is reserved until the saga can't be undone any more.</summary>
public sealed class EmailHold
{
    /// <summary>Normalized address, by which addresses are compared.</summary>
    public required string NormalizedEmail { get; init; }

    /// <summary>Account whose address it was.</summary>
    public required Guid UserId { get; init; }
}

/// <summary>Reserves and releases addresses in the transaction of the change.</summary>
internal static class EmailHolds
{
    /// <summary>Reserves an address for the profile that it is removed from.</summary>
    public static Task HoldEmailAsync(this UserDbContext db, Guid userId, string email, CancellationToken cancel) =>
        db.Database.ExecuteSqlAsync($"""
            insert into email_holds (normalized_email, user_id) values ({EmailAddresses.Key(email)}, {userId})
            on conflict (normalized_email) do update set user_id = excluded.user_id
            """, cancel);

    /// <summary>
    /// Whether an address is reserved for another profile. Call it after the address was saved: the unique index has then waited for the
    /// transaction that removed it, so that transaction's reservation is visible.
    /// </summary>
    public static Task<bool> IsHeldForOthersAsync(this UserDbContext db, Guid userId, string email, CancellationToken cancel)
    {
        var key = EmailAddresses.Key(email);
        return db.EmailHolds.AnyAsync(hold => hold.NormalizedEmail == key && hold.UserId != userId, cancel);
    }

    /// <summary>Releases the addresses that are reserved for an account.</summary>
    public static Task ReleaseEmailsAsync(this UserDbContext db, Guid userId, CancellationToken cancel) =>
        db.EmailHolds.Where(hold => hold.UserId == userId).ExecuteDeleteAsync(cancel);
}
