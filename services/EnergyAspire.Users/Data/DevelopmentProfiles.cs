using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Authentication;
using EnergyAspire.Users.Profiles;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Users.Data;

/// <summary>Profiles of the accounts that exist in Development only.</summary>
internal static class DevelopmentProfiles
{
    /// <summary>Adds the profiles to a new database only, so later changes and deletions are kept.</summary>
    public static async Task AddAsync(UserDbContext db, CancellationToken cancel)
    {
        if (await db.Profiles.IgnoreQueryFilters().AnyAsync(cancel))
            return;

        db.AddRange(Profiles());
        await db.SaveChangesAsync(cancel);
    }

    private static IEnumerable<Profile> Profiles()
    {
        yield return Of(DevelopmentData.Admin, "admin", Roles.Admin, "Ada", "Keller", "+49 30 5550100");
        yield return Of(DevelopmentData.Alice, "alice", Roles.Client, "Alice", "Bergmann", "+49 30 5550101");
        yield return Of(DevelopmentData.Bob, "bob", Roles.Client, "Bob", "Lindgren", "+49 30 5550102");
    }

    private static Profile Of(Guid id, string username, string role, string fname, string lname, string phone) => new()
    {
        Id = id,
        Username = username,
        Role = role,
        Fname = fname,
        Lname = lname,
        Email = $"{username}@example.com",
        Phone = phone,
        CreatedAt = DevelopmentData.Since,
        UpdatedAt = DevelopmentData.Since,
    };
}
