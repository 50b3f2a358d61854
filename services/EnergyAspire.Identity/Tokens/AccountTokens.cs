using EnergyAspire.Identity.Data;
using Microsoft.EntityFrameworkCore;
using OpenIddict.EntityFrameworkCore.Models;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace EnergyAspire.Identity.Tokens;

/// <summary>Revokes or removes all tokens of an account, in the transaction of the change that invalidates them.</summary>
internal static class AccountTokens
{
    /// <summary>Revokes every family of refresh tokens.</summary>
    public static async Task RevokeTokensAsync(this AuthDbContext db, Guid accountId, CancellationToken cancel)
    {
        var subject = accountId.ToString();
        await db.Set<OpenIddictEntityFrameworkCoreAuthorization<Guid>>().Where(authorization => authorization.Subject == subject)
            .ExecuteUpdateAsync(authorization => authorization.SetProperty(a => a.Status, Statuses.Revoked), cancel);
        await db.Set<OpenIddictEntityFrameworkCoreToken<Guid>>().Where(token => token.Subject == subject)
            .ExecuteUpdateAsync(token => token.SetProperty(t => t.Status, Statuses.Revoked), cancel);
    }

    /// <summary>Deletes all tokens of a deleted account.</summary>
    public static async Task RemoveTokensAsync(this AuthDbContext db, Guid accountId, CancellationToken cancel)
    {
        var subject = accountId.ToString();
        await db.Set<OpenIddictEntityFrameworkCoreToken<Guid>>().Where(token => token.Subject == subject).ExecuteDeleteAsync(cancel);
        await db.Set<OpenIddictEntityFrameworkCoreAuthorization<Guid>>().Where(authorization => authorization.Subject == subject).ExecuteDeleteAsync(cancel);
    }
}
