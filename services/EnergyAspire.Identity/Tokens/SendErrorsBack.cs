using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace EnergyAspire.Identity.Tokens;

/// <summary>
/// Tells a client what is wrong with its authorization request, as OAuth 2.0 asks for (RFC 6749, 4.1.2.1), where client and address are
/// right; OpenIddict alone would show it to the person. To any other address nothing is ever sent.
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
