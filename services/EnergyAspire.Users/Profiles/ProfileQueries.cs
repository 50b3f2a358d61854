using EnergyAspire.Api.Lists;
using EnergyAspire.Data.Lists;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Users.Profiles;

/// <summary>Filters and sort orders of queries on profiles.</summary>
public static class ProfileQueries
{
    /// <summary>Sort orders of lists of profiles.</summary>
    public static readonly ListOrders<Profile> Orders = new ListOrders<Profile>(profile => profile.Id)
        .By(profile => profile.Username)
        .By(profile => profile.CreatedAt);

    /// <summary>Profiles that a caller may see: an admin all, anyone else their own.</summary>
    public static IQueryable<Profile> VisibleTo(this IQueryable<Profile> profiles, CurrentUser caller)
    {
        if (caller.IsAdmin)
            return profiles;

        var callerId = caller.Id;
        return profiles.Where(profile => profile.Id == callerId);
    }

    /// <summary>Profiles with a term in the username, a name or the e-mail address; all without one.</summary>
    public static IQueryable<Profile> Matching(this IQueryable<Profile> profiles, string? search) =>
        SearchPattern.Containing(search) is not { } pattern
            ? profiles
            : profiles.Where(profile =>
                EF.Functions.ILike(profile.Username, pattern, SearchPattern.Escape)
                || EF.Functions.ILike((profile.Fname ?? "") + " " + (profile.Lname ?? ""), pattern, SearchPattern.Escape)
                || EF.Functions.ILike(profile.Email ?? "", pattern, SearchPattern.Escape));
}
