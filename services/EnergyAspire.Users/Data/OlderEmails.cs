using EnergyAspire.Api.Names;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Users.Data;

/// <summary>
/// Updates the normalized e-mail addresses of an older release, which did not convert domains to their DNS form (Punycode). SQL can't compute
/// it, so it is done at start and not in a migration.
/// </summary>
internal static class OlderEmails
{
    /// <summary>Updates the normalized form, unless another profile already has the new one. Then both profiles stay unchanged.</summary>
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
