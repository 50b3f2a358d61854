using EnergyAspire.Api.Lists;
using EnergyAspire.Api.Versions;
using EnergyAspire.Data.Audit;
using EnergyAspire.ServiceDefaults.Authentication;
using EnergyAspire.Users.Accounts;
using EnergyAspire.Users.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Users.Profiles;

/// <summary>Endpoints that read and change profiles. An admin may access all profiles, a client only their own.</summary>
public static class ProfileEndpoints
{
    /// <summary>Maps <c>/api/users</c>.</summary>
    public static RouteGroupBuilder MapProfiles(this IEndpointRouteBuilder routes)
    {
        var profiles = routes.MapGroup("/api/users").WithTags("Users").RequireAuthorization();

        profiles.MapGet("/", GetProfiles).WithPaging().RequireAuthorization(Policies.Admin);
        profiles.MapGet("/{id:guid}", GetProfile);
        profiles.MapPut("/{id:guid}", ChangeProfile)
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status412PreconditionFailed);
        profiles.MapDelete("/{id:guid}", DeleteAccount).RequireAuthorization(Policies.Admin)
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        profiles.MapAudit<UserDbContext>("/audit");

        return profiles;
    }

    /// <summary>Lists all profiles, by default sorted by username.</summary>
    /// <param name="sort" example="-created_at"><c>username</c> or <c>created_at</c>; a leading minus reverses the order.</param>
    /// <param name="search" example="berg">Part of the username, the name or the e-mail address, case-insensitive.</param>
    /// <param name="role">Only profiles with this role, <c>admin</c> or <c>client</c>.</param>
    /// <response code="200">A page of profiles.</response>
    public static async Task<Results<Ok<List<ProfileResponse>>, ValidationProblem>> GetProfiles(
        [AsParameters] PageRequest paging, string? sort, string? search, string? role, UserDbContext db, CancellationToken cancel)
    {
        if (!ProfileQueries.Orders.TryRead(paging, sort, out var page, out var problem))
            return problem;
        if (role is not (null or Roles.Admin or Roles.Client))
            return TypedResults.ValidationProblem(new Dictionary<string, string[]>(StringComparer.Ordinal) { ["role"] = ["The role is admin or client."] });

        var profiles = db.Profiles.AsNoTracking().Where(profile => role == null || profile.Role == role).Matching(search);

        return TypedResults.Ok((await page.ReadAsync(profiles, cancel)).ConvertAll(ProfileResponse.From));
    }

    /// <summary>Returns one profile. An admin may read any profile, other callers only their own.</summary>
    /// <remarks>The <c>ETag</c> header contains the version.</remarks>
    /// <param name="id" example="00000000-0000-7000-8000-0000000000a1">Account id.</param>
    /// <response code="200">The profile.</response>
    public static async Task<Results<Ok<ProfileResponse>, NotFound>> GetProfile(
        Guid id, CurrentUser caller, UserDbContext db, HttpContext http, CancellationToken cancel)
    {
        var profile = await db.Profiles.AsNoTracking().VisibleTo(caller).SingleOrDefaultAsync(p => p.Id == id, cancel);

        // 404 for profiles of others too, so that ids can't be probed.
        return profile is null ? TypedResults.NotFound() : Show(profile, http);
    }

    /// <summary>Changes names, e-mail address or phone number of a profile. An admin may change any profile, other callers only their own.</summary>
    /// <remarks>
    /// An absent field keeps its value; an empty text clears it. Username, role and unknown fields are rejected. With <c>If-Match</c> the
    /// profile is changed only if it still has that version; otherwise 412.
    /// </remarks>
    /// <param name="id" example="00000000-0000-7000-8000-0000000000a1">Account id.</param>
    /// <param name="change" example='{"fname":"Alice","lname":"Bergmann","email":"alice@example.com","phone":""}'>Fields to change.</param>
    /// <response code="200">The changed profile.</response>
    /// <response code="409">The e-mail address is taken; <c>errors</c> names the field.</response>
    public static async Task<Results<Ok<ProfileResponse>, ValidationProblem, NotFound, ProblemHttpResult>> ChangeProfile(
        Guid id, ProfileChange change, CurrentUser caller, UserDbContext db, TimeProvider time, HttpContext http, CancellationToken cancel)
    {
        // 404 for profiles of others, before the request is validated.
        if (!caller.IsAdmin && caller.Id != id)
            return TypedResults.NotFound();
        var values = ProfileFields.Read(change.Sent(), out var errors);
        if (errors.Count > 0)
            return TypedResults.ValidationProblem(errors);

        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (await db.LockAsync(id, cancel) is not { DeletedAt: null } profile)
            return TypedResults.NotFound();
        if (!http.Request.MayChange(profile.Version))
            return EntityTags.Outdated();

        var edit = profile.Apply(values);
        if (edit.IsNothing)
            return Show(profile, http);

        var now = time.GetUtcNow();
        profile.Touch(now);
        db.Audit(http.Actor(), "profile_updated", now, userId: id, before: edit.Before, after: edit.After);
        if (await db.SaveUnlessTakenAsync(profile, cancel) is { } taken)
            return taken;

        await transaction.CommitAsync(cancel);

        return Show(profile, http);
    }

    /// <summary>Deletes an account with its mappings, its profile and its login in all services, or in none.</summary>
    /// <remarks>The same as <c>DELETE /api/auth/users/{id}</c>, with the same responses. The response is sent when the deletion has ended.</remarks>
    /// <param name="id" example="00000000-0000-7000-8000-0000000000a1">Account id.</param>
    /// <response code="204">The account is deleted in all services.</response>
    /// <response code="404">There is no such account.</response>
    /// <response code="409">The account is the last admin, or another change of it is in progress.</response>
    /// <response code="503">A service was unavailable, and the deletion is undone; or Identity did not answer, and the result is unknown.</response>
    public static async Task<Results<NoContent, ProblemHttpResult>> DeleteAccount(
        Guid id, AccountDeletion accounts, HttpContext http, CancellationToken cancel) =>
        await accounts.RunAsync(id, http.Request.Headers.Authorization.ToString(), cancel) is { } problem
            ? TypedResults.Problem(problem)
            : TypedResults.NoContent();

    private static Ok<ProfileResponse> Show(Profile profile, HttpContext http)
    {
        http.Response.SetVersion(profile.Version);
        return TypedResults.Ok(ProfileResponse.From(profile));
    }
}
