using EnergyAspire.ServiceDefaults.Authentication;
using EnergyAspire.ServiceDefaults.Lists;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Identity.Accounts;

/// <summary>Which accounts a query is about.</summary>
public static class AccountQueries
{
    /// <summary>Accounts that a caller may see: an admin all, anyone else their own.</summary>
    public static IQueryable<Account> VisibleTo(this IQueryable<Account> accounts, CurrentUser caller)
    {
        // While its registration runs nobody knows whether there will be an account.
        accounts = accounts.Where(account => account.State != AccountState.Registering);
        if (caller.IsAdmin)
            return accounts;

        var callerId = caller.Id;
        return accounts.Where(account => account.Id == callerId);
    }

    /// <summary>Accounts with a term in the username and with a role; all without them.</summary>
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
