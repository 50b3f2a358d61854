using System.ComponentModel.DataAnnotations;
using System.Linq.Expressions;
using System.Text.Json.Serialization;
using EnergyAspire.Identity.Data;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Identity.Accounts;

/// <summary>An account as admins and its owner see it.</summary>
/// <param name="Id">Account id.</param>
/// <param name="Username">Sign-in name, unique.</param>
/// <param name="Role"><c>admin</c> or <c>client</c>.</param>
/// <param name="CreatedAt">When it was registered.</param>
/// <param name="LockedUntil">Until when sign-in is refused after too many failures; absent when it isn't.</param>
public sealed record AccountResponse(
    Guid Id, string Username, string Role, DateTimeOffset CreatedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? LockedUntil);

/// <summary>Reading accounts.</summary>
public static class AccountEndpoints
{
    /// <summary>Maps <c>/api/auth/users</c>.</summary>
    public static RouteGroupBuilder MapAccounts(this IEndpointRouteBuilder routes)
    {
        var accounts = routes.MapGroup("/api/auth/users").WithTags("Accounts").RequireAuthorization()
            .ProducesProblem(StatusCodes.Status401Unauthorized);

        accounts.MapGet("/", ListAccounts).RequireAuthorization(Policies.Admin).ProducesProblem(StatusCodes.Status403Forbidden);
        accounts.MapGet("/{id:guid}", GetAccount).ProducesProblem(StatusCodes.Status404NotFound);

        return accounts;
    }

    /// <summary>Lists accounts in the order of their names; admins only.</summary>
    /// <param name="search">Part of the username, in any case.</param>
    /// <param name="role">Only this role.</param>
    /// <param name="after">Username that the page starts after; the <c>Link</c> header of the page before has it.</param>
    /// <param name="limit">Longest page.</param>
    /// <param name="db">Accounts.</param>
    /// <param name="normalizer">Form that names are compared in.</param>
    /// <param name="time">Clock.</param>
    /// <param name="http">Request.</param>
    /// <param name="cancel">Cancels the query.</param>
    public static async Task<Ok<List<AccountResponse>>> ListAccounts(
        string? search, [AllowedValues(Roles.Admin, Roles.Client, null)] string? role, string? after,
        AuthDbContext db, ILookupNormalizer normalizer, TimeProvider time, HttpContext http, CancellationToken cancel,
        [Range(1, 1000)] int limit = 100)
    {
        var accounts = db.Accounts.AsNoTracking();
        if (normalizer.NormalizeName(search) is { Length: > 0 } part)
            accounts = accounts.Where(account => account.NormalizedUserName!.Contains(part));
        if (role is not null)
            accounts = accounts.Where(account => account.Role == role);
        if (normalizer.NormalizeName(after) is { Length: > 0 } last)
            accounts = accounts.Where(account => string.Compare(account.NormalizedUserName, last) > 0);

        // One more than asked for tells whether there is a next page.
        var page = await accounts.OrderBy(account => account.NormalizedUserName).Take(limit + 1)
            .Select(Response(db, time.GetUtcNow()))
            .ToListAsync(cancel);
        if (page.Count > limit)
        {
            page.RemoveAt(limit);
            http.Response.Headers.Link = $"<{NextPage(http.Request, page[^1].Username)}>; rel=\"next\"";
        }

        return TypedResults.Ok(page);
    }

    /// <summary>Returns one account to an admin or to its owner.</summary>
    public static async Task<Results<Ok<AccountResponse>, NotFound>> GetAccount(
        Guid id, CurrentUser caller, AuthDbContext db, TimeProvider time, CancellationToken cancel)
    {
        // Somebody else's account looks absent, so ids can't be probed.
        var account = await db.Accounts
            .Where(account => account.Id == id && (caller.IsAdmin || account.Id == caller.Id))
            .Select(Response(db, time.GetUtcNow()))
            .SingleOrDefaultAsync(cancel);

        return account is null ? TypedResults.NotFound() : TypedResults.Ok(account);
    }

    private static Expression<Func<Account, AccountResponse>> Response(AuthDbContext db, DateTimeOffset now) => account =>
        new AccountResponse(
            account.Id, account.UserName!, account.Role, account.CreatedAt,
            db.SignInFailures
                .Where(failure => failure.NormalizedUsername == account.NormalizedUserName && failure.LockedUntil > now)
                .Select(failure => failure.LockedUntil)
                .FirstOrDefault());

    private static string NextPage(HttpRequest request, string lastUsername)
    {
        var query = request.Query.Where(parameter => parameter.Key != "after").ToDictionary(p => p.Key, p => (string?)p.Value);

        return QueryHelpers.AddQueryString(request.Path, query.Append(new("after", lastUsername)));
    }
}
