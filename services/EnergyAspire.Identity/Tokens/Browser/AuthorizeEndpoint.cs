using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.Extensions;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace EnergyAspire.Identity.Tokens.Browser;

/// <summary>The authorization endpoint: redirects a signed-in browser to the client with a code, any other browser to the sign-in page.</summary>
internal static class AuthorizeEndpoint
{
    /// <summary>Path of the endpoint.</summary>
    public const string Path = "/connect/authorize";

    /// <summary>Answers a request whose client, redirect URI, PKCE challenge and scopes OpenIddict has validated.</summary>
    public static async Task<IResult> Authorize(HttpContext http, BrowserSessions sessions, TimeProvider time)
    {
        if (http.GetOpenIddictServerResponse() is { Error: not null } refusal)
            return Page.Problem(refusal.ErrorDescription);

        var request = http.GetOpenIddictServerRequest()!;
        var session = await sessions.FindAsync(http);
        if (session is null || IsPasswordWanted(request, session, time.GetUtcNow()) || await IsSomebodyElseAsync(http, session))
        {
            return request.HasPromptValue(PromptValues.None)
                ? TokenExchange.Refuse("Nobody is signed in.", Errors.LoginRequired)
                : TypedResults.LocalRedirect(SignInEndpoint.Path + Query(request));
        }

        return TokenExchange.Grant(request.GetScopes(), session.Account, session.SignedInAt);
    }

    private static bool IsPasswordWanted(OpenIddictRequest request, BrowserSession session, DateTimeOffset now) =>
        request.HasPromptValue(PromptValues.Login) || request.HasPromptValue(PromptValues.SelectAccount)
        || (request.MaxAge is { } seconds && (seconds == 0 || now - session.SignedInAt > TimeSpan.FromSeconds(seconds)));

    /// <summary>
    /// Whether the request's ID token hint, by which a client can name the expected account, is of another account than the session.
    /// </summary>
    private static async Task<bool> IsSomebodyElseAsync(HttpContext http, BrowserSession session) =>
        (await http.AuthenticateAsync(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme)).Principal?.GetClaim(Claims.Subject) is { } expected
        && expected != session.Account.Id.ToString();

    /// <summary>The request's parameters, which may have come in a form.</summary>
    private static string Query(OpenIddictRequest request) => new QueryBuilder(
        request.GetParameters().Select(parameter => KeyValuePair.Create(parameter.Key, (string?)parameter.Value ?? ""))).ToString();
}
