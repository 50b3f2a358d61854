using OpenIddict.Abstractions;

namespace EnergyAspire.Identity.Tokens;

/// <summary>Uses and revokes token families. A family is all tokens of one sign-in; OpenIddict stores it as an ad-hoc authorization.</summary>
public sealed class TokenFamilies(
    IOpenIddictTokenManager tokens, IOpenIddictAuthorizationManager authorizations, ILogger<TokenFamilies> logger)
{
    /// <summary>Redeems a refresh token or a code. False when a concurrent request redeemed it first; then its family is revoked.</summary>
    /// <remarks>OpenIddict would accept both of two concurrent requests; here only the first is granted.</remarks>
    public async Task<bool> TryUseAsync(string tokenId, CancellationToken cancel)
    {
        var token = await tokens.FindByIdAsync(tokenId, cancel);
        if (token is not null && await tokens.TryRedeemAsync(token, cancel))
            return true;

        if (token is not null)
            await RevokeReusedAsync(token, cancel);

        return false;
    }

    /// <summary>Revokes the family of a refresh token or code that was used twice, because it may have been stolen.</summary>
    public async Task RevokeReusedAsync(object token, CancellationToken cancel)
    {
        var family = await tokens.GetAuthorizationIdAsync(token, cancel);
        logger.RefreshTokenReused(await tokens.GetSubjectAsync(token, cancel), family);
        await RevokeAsync(family, cancel);
    }

    /// <summary>Revokes the family of a refresh token of an account; a token of another account has no effect.</summary>
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

        // The authorization too, because a concurrent request may be storing a new token of this family.
        if (await authorizations.FindByIdAsync(family, cancel) is { } authorization)
            await authorizations.TryRevokeAsync(authorization, cancel);
        await tokens.RevokeByAuthorizationIdAsync(family, cancel);
    }
}
