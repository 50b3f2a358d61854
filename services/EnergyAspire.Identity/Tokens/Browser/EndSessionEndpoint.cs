using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace EnergyAspire.Identity.Tokens.Browser;

/// <summary>The end session endpoint: a client signs its user out, which also revokes the tokens that the client got.</summary>
internal sealed class EndSessionEndpoint(BrowserSessions sessions, TokenFamilies families, IAntiforgery antiforgery)
{
    /// <summary>Path of the endpoint.</summary>
    public const string Path = "/connect/logout";

    /// <summary>Signs out. A request without a valid ID token hint for the session is confirmed by the person first.</summary>
    public async Task<IResult> EndAsync(HttpContext http, CancellationToken cancel)
    {
        if (http.GetOpenIddictServerResponse() is { Error: not null } refusal)
            return Page.Problem(refusal.ErrorDescription);

        var request = http.GetOpenIddictServerRequest()!;
        var hint = (await http.AuthenticateAsync(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme)).Principal;
        if (await sessions.FindAsync(http) is { } session)
        {
            var isProven = hint?.GetClaim(Claims.Subject) == session.Account.Id.ToString();
            if (!isProven && !(HttpMethods.IsPost(http.Request.Method) && await antiforgery.IsRequestValidAsync(http)))
                return Ask(http, request, session);

            await sessions.CloseAsync(http, session, cancel);
        }

        if (hint?.GetAuthorizationId() is { } family)
            await families.RevokeAsync(family, cancel);

        return request.PostLogoutRedirectUri is null
            ? Page.Of<SignedOutPage>([])
            : TypedResults.SignOut(authenticationSchemes: [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);
    }

    private IResult Ask(HttpContext http, OpenIddictRequest request, BrowserSession session) => Page.Of<SignOutPage>(
        new()
        {
            [nameof(SignOutPage.Username)] = session.Account.UserName,
            [nameof(SignOutPage.Request)] = request,
            [nameof(SignOutPage.Antiforgery)] = antiforgery.GetAndStoreTokens(http),
        },
        leadsTo: request.PostLogoutRedirectUri);
}
