using EnergyAspire.Api.Lists;
using EnergyAspire.Contracts;
using EnergyAspire.Identity.Data;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Identity.Accounts;

/// <summary>The endpoint from which other services rebuild their replicas of accounts.</summary>
public static class AccountSource
{
    /// <summary>Maps <c>/internal/users</c>, which the gateway doesn't route.</summary>
    public static void MapAccountSource(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/internal/users", GetAccounts).RequireAuthorization(Policies.Replica).ExcludeFromDescription();

    /// <summary>Lists all accounts by id, for services that rebuild their replicas.</summary>
    public static async Task<Results<Ok<List<UserState>>, ValidationProblem>> GetAccounts(
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
            .Select(account => new UserState(account.Id, account.UserName!, account.Role, account.TokenGeneration, account.Version))
            .ToListAsync(cancel);

        return TypedResults.Ok(page.Cut(rows, account => new PageKey("", account.Id)));
    }
}
