using System.Globalization;
using System.Security.Claims;
using EnergyAspire.Identity.Accounts;
using EnergyAspire.Identity.Data;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace EnergyAspire.Identity.Tokens;

/// <summary>Checks in the database, without a cache, whether an access token is still valid.</summary>
public sealed class AccessTokens(AuthDbContext db, IOpenIddictAuthorizationManager authorizations, TimeProvider time)
{
    /// <summary>The account of a token; null when the account was changed or deleted since, or its sign-in was ended.</summary>
    public async Task<Account?> FindAccountAsync(ClaimsPrincipal token, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        if (!Guid.TryParse(token.FindFirstValue(Claims.Subject), out var id)
            || !long.TryParse(token.FindFirstValue(TokenConventions.Generation), CultureInfo.InvariantCulture, out var generation)
            || await db.Accounts.AsNoTracking().SingleOrDefaultAsync(a => a.Id == id && a.State == AccountState.Active, cancel) is not { } account
            || account.LockedUntil > now || generation < account.TokenGeneration)
            return null;

        return token.FindFirstValue(Claims.Private.AuthorizationId) is { } family && await IsEndedAsync(family, cancel) ? null : account;
    }

    private async Task<bool> IsEndedAsync(string family, CancellationToken cancel) =>
        await authorizations.FindByIdAsync(family, cancel) is not { } authorization
        || !await authorizations.HasStatusAsync(authorization, Statuses.Valid, cancel);
}
