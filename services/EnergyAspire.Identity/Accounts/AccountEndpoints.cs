using System.Linq.Expressions;
using System.Text.Json.Serialization;
using EnergyAspire.Api.Lists;
using EnergyAspire.Api.Versions;
using EnergyAspire.Data.Lists;
using EnergyAspire.Identity.Data;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Identity.Accounts;

/// <summary>An account as admins and its owner see it.</summary>
/// <param name="Id">Account id.</param>
/// <param name="Username">Sign-in name, unique.</param>
/// <param name="Role"><c>admin</c> or <c>client</c>.</param>
/// <param name="CreatedAt">When it was registered.</param>
public sealed record AccountResponse(Guid Id, string Username, string Role, DateTimeOffset CreatedAt)
{
    /// <summary>
    /// End of the lock: for everybody if an admin locked the account, for the affected sources after too many failed sign-ins. In the year
    /// 9999 for a lock without an end; absent without a lock.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? LockedUntil { get; init; }

    /// <summary>Version, which the ETag shows.</summary>
    [JsonIgnore]
    public long Version { get; init; }

    internal static Expression<Func<Account, AccountResponse>> FromAccount(AuthDbContext db, DateTimeOffset now) => account =>
        new AccountResponse(account.Id, account.UserName!, account.Role, account.CreatedAt)
        {
            Version = account.Version,
            LockedUntil = account.LockedUntil > now
                ? account.LockedUntil
                : db.SignInFailures
                    .Where(failure => failure.NormalizedUsername == account.NormalizedUserName && failure.LockedUntil > now)
                    .Max(failure => failure.LockedUntil),
        };
}

/// <summary>Endpoints that read accounts.</summary>
public static class AccountEndpoints
{
    /// <summary>Maps <c>/api/auth/users</c>.</summary>
    public static void MapAccountList(this IEndpointRouteBuilder routes)
    {
        var accounts = routes.MapGroup("/api/auth/users").WithTags("Accounts").RequireAuthorization()
            .ProducesProblem(StatusCodes.Status401Unauthorized);

        accounts.MapGet("/", GetAccounts).WithPaging().RequireAuthorization(Policies.Admin).ProducesProblem(StatusCodes.Status403Forbidden);
        accounts.MapGet("/{id:guid}", GetAccount);
    }

    /// <summary>Lists all accounts, sorted by username.</summary>
    /// <param name="search">Part of the username, case-insensitive.</param>
    /// <param name="role">Only accounts with this role, <c>admin</c> or <c>client</c>.</param>
    public static async Task<Results<Ok<List<AccountResponse>>, ValidationProblem>> GetAccounts(
        [AsParameters] PageRequest paging, string? search, string? role, AuthDbContext db, TimeProvider time, CancellationToken cancel)
    {
        if (!paging.TryRead(out var page, out var problem))
            return problem;
        if (role is not (null or Roles.Admin or Roles.Client))
            return TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["role"] = ["The role is admin or client."] });

        var accounts = await db.Accounts
            .Matching(search, role)
            .PageByUsername(page)
            .Select(AccountResponse.FromAccount(db, time.GetUtcNow()))
            .ToListAsync(cancel);

        return TypedResults.Ok(await page.CutAsync(
            accounts, account => new PageKey(account.Username, account.Id), db.Accounts.Matching(search, role), cancel));
    }

    /// <summary>Returns one account. An admin may read any account, other callers only their own.</summary>
    /// <param name="id">Account id.</param>
    public static async Task<Results<Ok<AccountResponse>, NotFound>> GetAccount(
        Guid id, CurrentUser caller, AuthDbContext db, TimeProvider time, HttpContext http, CancellationToken cancel)
    {
        var account = await db.Accounts
            .VisibleTo(caller)
            .Where(account => account.Id == id)
            .Select(AccountResponse.FromAccount(db, time.GetUtcNow()))
            .SingleOrDefaultAsync(cancel);

        // 404 for accounts of others too, so that ids can't be probed.
        if (account is null)
            return TypedResults.NotFound();

        http.Response.SetVersion(account.Version);
        return TypedResults.Ok(account);
    }
}
