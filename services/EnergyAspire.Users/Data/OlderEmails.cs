using EnergyAspire.ServiceDefaults.Names;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Users.Data;

/// <summary>
/// E-mail addresses from before domains were compared as DNS knows them: the migration can't compute that form, so it is done at start.
/// </summary>
internal static class OlderEmails
{
    /// <summary>Brings the compared form up to date, except where somebody else has the address by now; then both keep theirs.</summary>
    public static async Task BringUpToDateAsync(UserDbContext db, CancellationToken cancel)
    {
        var candidates = await db.Profiles
            .FromSql($"select * from profiles where normalized_email ~ '[^ -~]' or normalized_email like '%.'")
            .IgnoreQueryFilters()
            .ToListAsync(cancel);
        foreach (var profile in candidates)
        {
            var email = profile.Email!;
            var key = EmailAddresses.Key(email);
            if (key == profile.NormalizedEmail || await db.Profiles.IgnoreQueryFilters().AnyAsync(other => other.NormalizedEmail == key, cancel))
                continue;

            profile.Email = email;
            await db.SaveChangesAsync(cancel);
        }
    }
}
