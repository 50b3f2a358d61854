using EnergyAspire.ServiceDefaults.Authentication;
using EnergyAspire.ServiceDefaults.Lists;
using EnergyAspire.Users.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Users.Profiles;

/// <summary>Reading profiles: an admin all, a client their own.</summary>
public static class ProfileEndpoints
{
    /// <summary>Maps <c>/api/users</c>.</summary>
    public static RouteGroupBuilder MapProfiles(this IEndpointRouteBuilder routes)
    {
        var profiles = routes.MapGroup("/api/users").WithTags("Users").RequireAuthorization();

        profiles.MapGet("/", GetProfiles).WithPaging().RequireAuthorization(Policies.Admin);
        profiles.MapGet("/{id:guid}", GetProfile);

        return profiles;
    }

    /// <summary>Lists all profiles, by username.</summary>
    /// <param name="paging">Which page.</param>
    /// <param name="search">Part of the username, the name or the e-mail address, in any case.</param>
    /// <param name="db">Profiles.</param>
    /// <param name="cancel">Set when the caller goes away.</param>
    public static async Task<Results<Ok<List<ProfileResponse>>, ValidationProblem>> GetProfiles(
        [AsParameters] PageRequest paging, string? search, UserDbContext db, CancellationToken cancel)
    {
        if (!paging.TryRead(out var page, out var problem))
            return problem;

        var profiles = await db.Profiles.AsNoTracking()
            .Matching(search)
            .PageByUsername(page)
            .Select(ProfileResponse.FromProfile)
            .ToListAsync(cancel);

        return TypedResults.Ok(page.Cut(profiles, profile => new PageKey(profile.Username, profile.Id)));
    }

    /// <summary>Returns one profile: the caller's own, or any for an admin.</summary>
    /// <param name="id">Account id.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="db">Profiles.</param>
    /// <param name="cancel">Set when the caller goes away.</param>
    public static async Task<Results<Ok<ProfileResponse>, NotFound>> GetProfile(
        Guid id, CurrentUser caller, UserDbContext db, CancellationToken cancel)
    {
        var profile = await db.Profiles.AsNoTracking()
            .VisibleTo(caller)
            .Where(p => p.Id == id)
            .Select(ProfileResponse.FromProfile)
            .SingleOrDefaultAsync(cancel);

        // Someone else's profile looks absent, so ids can't be probed.
        return profile is null ? TypedResults.NotFound() : TypedResults.Ok(profile);
    }
}
