using EnergyAspire.Identity.Data;
using EnergyAspire.ServiceDefaults.Authentication;
using EnergyAspire.ServiceDefaults.Lists;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Identity.Accounts;

/// <summary>What other services make their copies of accounts from.</summary>
/// <param name="Id">Account id.</param>
/// <param name="Username">Sign-in name.</param>
/// <param name="Role"><c>admin</c> or <c>client</c>.</param>
/// <param name="Version">Version of the account; events carry it too.</param>
/// <param name="TokenGeneration">Access tokens of an earlier generation are worthless.</param>
public sealed record SourceAccount(Guid Id, string Username, string Role, long Version, long TokenGeneration);

/// <summary>The source of the copies of accounts.</summary>
public static class AccountSource
{
    /// <summary>Maps <c>/internal/users</c>, which the gateway doesn't pass on.</summary>
    public static void MapAccountSource(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/internal/users", GetAccounts).RequireAuthorization(Policies.Replica).ExcludeFromDescription();

    /// <summary>Lists all accounts by id, for services that rebuild their copies.</summary>
    public static async Task<Results<Ok<List<SourceAccount>>, ValidationProblem>> GetAccounts(
        [AsParameters] PageRequest paging, AuthDbContext db, CancellationToken cancel)
    {
        if (!paging.TryRead(out var page, out var problem))
            return problem;

        var accounts = db.Accounts.Where(account => account.State != AccountState.Registering);
        if (page.After is { Id: var last })
            accounts = accounts.Where(account => account.Id > last);
        var rows = await accounts
            .OrderBy(account => account.Id)
            .Take(page.Take)
            .Select(account => new SourceAccount(account.Id, account.UserName!, account.Role, account.Version, account.TokenGeneration))
            .ToListAsync(cancel);

        return TypedResults.Ok(page.Cut(rows, account => new PageKey("", account.Id)));
    }
}
