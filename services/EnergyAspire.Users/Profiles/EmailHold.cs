using EnergyAspire.ServiceDefaults.Names;
using EnergyAspire.Users.Data;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Users.Profiles;

/// <summary>An e-mail address that a saga took from a profile: nobody else gets it before it is sure that the saga isn't undone.</summary>
public sealed class EmailHold
{
    /// <summary>Address in the form that addresses are compared in.</summary>
    public required string NormalizedEmail { get; init; }

    /// <summary>Account whose address it was.</summary>
    public required Guid UserId { get; init; }
}

/// <summary>Holding addresses, in the transaction of the change.</summary>
internal static class EmailHolds
{
    /// <summary>Keeps an address that a profile gives up.</summary>
    public static Task HoldEmailAsync(this UserDbContext db, Guid userId, string email, CancellationToken cancel) =>
        db.Database.ExecuteSqlAsync($"""
            insert into email_holds (normalized_email, user_id) values ({EmailAddresses.Key(email)}, {userId})
            on conflict (normalized_email) do update set user_id = excluded.user_id
            """, cancel);

    /// <summary>Whether an address is kept for somebody else. Ask after writing it: then whoever gave it up has committed the hold.</summary>
    public static Task<bool> IsHeldForOthersAsync(this UserDbContext db, Guid userId, string email, CancellationToken cancel)
    {
        var key = EmailAddresses.Key(email);
        return db.EmailHolds.AnyAsync(hold => hold.NormalizedEmail == key && hold.UserId != userId, cancel);
    }

    /// <summary>Lets others have what was kept for an account.</summary>
    public static Task ReleaseEmailsAsync(this UserDbContext db, Guid userId, CancellationToken cancel) =>
        db.EmailHolds.Where(hold => hold.UserId == userId).ExecuteDeleteAsync(cancel);
}
