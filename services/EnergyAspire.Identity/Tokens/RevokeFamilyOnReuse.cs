using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace EnergyAspire.Identity.Tokens;

/// <summary>Revokes the family of a refresh token or code that was redeemed earlier. OpenIddict then refuses the request.</summary>
public sealed class RevokeFamilyOnReuse(IOpenIddictTokenManager tokens, TokenFamilies families)
    : IOpenIddictServerHandler<ValidateTokenContext>
{
    /// <inheritdoc />
    public async ValueTask HandleAsync(ValidateTokenContext context)
    {
        if (context.TokenId is null
            || context.Principal?.GetTokenType() is not (TokenTypeIdentifiers.RefreshToken or TokenTypeIdentifiers.Private.AuthorizationCode))
            return;

        if (await tokens.FindByIdAsync(context.TokenId, context.CancellationToken) is { } token
            && await tokens.HasStatusAsync(token, Statuses.Redeemed, context.CancellationToken))
        {
            await families.RevokeReusedAsync(token, context.CancellationToken);
        }
    }
}
