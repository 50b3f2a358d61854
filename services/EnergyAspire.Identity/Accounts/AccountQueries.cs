using EnergyAspire.Api.Lists;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Identity.Accounts;

/// <summary>Filters and pages of queries on accounts.</summary>
public static class AccountQueries
{
    /// <summary>Accounts that a caller may see: an admin all, anyone else their own.</summary>
    public static IQueryable<Account> VisibleTo(this IQueryable<Account> accounts, CurrentUser caller)
    {
        // A running registration may still be undone, so its account isn't shown.
        accounts = accounts.Where(account => account.State != AccountState.Registering);
        if (caller.IsAdmin)
            return accounts;

        var callerId = caller.Id;
        return accounts.Where(account => account.Id == callerId);
    }

    /// <summary>Filters by a term in the username and by role, where given.</summary>
    public static IQueryable<Account> Matching(this IQueryable<Account> accounts, string? search, string? role)
    {
        accounts = accounts.Where(account => account.State != AccountState.Registering);
        if (SearchPattern.Containing(search) is { } pattern)
            accounts = accounts.Where(account => EF.Functions.ILike(account.UserName!, pattern, SearchPattern.Escape));

        return role is null ? accounts : accounts.Where(account => account.Role == role);
    }

    /// <summary>One page in the order of usernames.</summary>
    public static IQueryable<Account> PageByUsername(this IQueryable<Account> accounts, Page page)
    {
        if (page.After is { } after)
        {
            accounts = accounts.Where(account => EF.Functions.GreaterThan(
                ValueTuple.Create(account.UserName, account.Id), ValueTuple.Create(after.Sort, after.Id)));
        }

        return accounts.OrderBy(account => account.UserName).ThenBy(account => account.Id).Take(page.Take);
    }
}
