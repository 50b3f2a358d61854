using OpenIddict.Abstractions;

namespace EnergyAspire.Identity.Tokens;

/// <summary>A family is the tokens that descend from one sign-in: OpenIddict's ad-hoc authorization of that sign-in.</summary>
public sealed class TokenFamilies(
    IOpenIddictTokenManager tokens, IOpenIddictAuthorizationManager authorizations, ILogger<TokenFamilies> logger)
{
    /// <summary>Uses a refresh token or a code up; false when somebody else did so at the same moment, and then its family is revoked.</summary>
    /// <remarks>OpenIddict lets both of two simultaneous requests pass; here each token works once.</remarks>
    public async Task<bool> TryUseAsync(string tokenId, CancellationToken cancel)
    {
        var token = await tokens.FindByIdAsync(tokenId, cancel);
        if (token is not null && await tokens.TryRedeemAsync(token, cancel))
            return true;

        if (token is not null)
            await RevokeReusedAsync(token, cancel);

        return false;
    }

    /// <summary>Revokes the family of a used refresh token or code that came back: either the thief or the owner holds a successor.</summary>
    public async Task RevokeReusedAsync(object token, CancellationToken cancel)
    {
        var family = await tokens.GetAuthorizationIdAsync(token, cancel);
        logger.RefreshTokenReused(await tokens.GetSubjectAsync(token, cancel), family);
        await RevokeAsync(family, cancel);
    }

    /// <summary>Revokes the family of a refresh token of an account; a token that isn't its own has no effect.</summary>
    public async Task RevokeAsync(string refreshToken, Guid accountId, CancellationToken cancel)
    {
        var token = await tokens.FindByReferenceIdAsync(refreshToken, cancel);
        if (token is null || await tokens.GetSubjectAsync(token, cancel) != accountId.ToString())
            return;

        var family = await tokens.GetAuthorizationIdAsync(token, cancel);
        await RevokeAsync(family, cancel);
        logger.SignedOut(accountId, family);
    }

    /// <summary>Revokes a family.</summary>
    public async Task RevokeAsync(string? family, CancellationToken cancel)
    {
        if (family is null)
            return;

        // The authorization too, because a successor may be on its way into the database right now.
        if (await authorizations.FindByIdAsync(family, cancel) is { } authorization)
            await authorizations.TryRevokeAsync(authorization, cancel);
        await tokens.RevokeByAuthorizationIdAsync(family, cancel);
    }
}
