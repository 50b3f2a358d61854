using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace EnergyAspire.Identity.Tokens;

/// <summary>
/// Redirects errors of an authorization request to the client, as OAuth 2.0 requires (RFC 6749, 4.1.2.1); OpenIddict would show them to the
/// person. It does so only when client id and redirect URI are valid: nothing is sent to an unregistered address.
/// </summary>
internal sealed class SendErrorsBack(IOpenIddictApplicationManager applications) : IOpenIddictServerHandler<ApplyAuthorizationResponseContext>
{
    public async ValueTask HandleAsync(ApplyAuthorizationResponseContext context)
    {
        if (context.RedirectUri is null
            && context.Request is { ClientId: { Length: > 0 } clientId, RedirectUri: { Length: > 0 } address }
            && await applications.FindByClientIdAsync(clientId, context.CancellationToken) is { } client
            && await applications.HasPermissionAsync(client, Permissions.Endpoints.Authorization, context.CancellationToken)
            && await applications.ValidateRedirectUriAsync(client, address, context.CancellationToken))
            context.RedirectUri = address;
    }
}
