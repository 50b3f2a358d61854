using System.Security.Claims;
using EnergyAspire.Identity.Accounts;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace EnergyAspire.Identity.Tokens;

/// <summary>Grants or refuses token requests that OpenIddict has validated. Every token is issued here.</summary>
public sealed class TokenExchange(SignIn signIn, UserManager<Account> accounts, TokenFamilies families, TimeProvider time)
{
    /// <summary>Grants or refuses the current token request.</summary>
    public Task<Results<SignInHttpResult, ForbidHttpResult, ProblemHttpResult>> ExchangeAsync(HttpContext http, CancellationToken cancel)
    {
        var request = http.GetOpenIddictServerRequest() ?? throw new InvalidOperationException("This is not a token request.");

        return request.GrantType switch
        {
            GrantTypes.Password => ExchangePasswordAsync(http, request, cancel),
            GrantTypes.RefreshToken or GrantTypes.AuthorizationCode => ExchangeTokenAsync(http, cancel),
            GrantTypes.ClientCredentials => ExchangeClientCredentialsAsync(request),
            _ => RefuseGrantAsync(),
        };
    }

    private async Task<Results<SignInHttpResult, ForbidHttpResult, ProblemHttpResult>> ExchangePasswordAsync(
        HttpContext http, OpenIddictRequest request, CancellationToken cancel)
    {
        var result = await signIn.CheckAsync(request.Username!, request.Password!, cancel);
        if (result.Lockout is { } lockout)
            return lockout.Answer(http.Response, time.GetUtcNow());
        if (result.Account is null)
            return Refuse("The username or the password is wrong.");

        return Grant(request.GetScopes(), result.Account, time.GetUtcNow());
    }

    /// <summary>Exchanges a refresh token or a code; each works once.</summary>
    private async Task<Results<SignInHttpResult, ForbidHttpResult, ProblemHttpResult>> ExchangeTokenAsync(
        HttpContext http, CancellationToken cancel)
    {
        // OpenIddict has checked the token and, for a code, client, redirect URI and verifier. The account may have changed since.
        var token = await http.AuthenticateAsync(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
        var identity = new ClaimsIdentity(token.Principal!.Claims, "OpenIddict", "username", "role");

        if (!await families.TryUseAsync(token.Principal!.GetTokenId()!, cancel))
            return Refuse("The token was used before.");
        if (await accounts.FindByIdAsync(token.Principal!.GetClaim(Claims.Subject)!) is not { State: AccountState.Active } account)
            return Refuse("The account is gone.");
        if (account.LockedUntil > time.GetUtcNow())
            return Refuse("The account is locked.");

        return Grant(identity, account);
    }

    /// <summary>Grants a service token. OpenIddict has already checked the client's secret and scopes.</summary>
    private static Task<Results<SignInHttpResult, ForbidHttpResult, ProblemHttpResult>> ExchangeClientCredentialsAsync(OpenIddictRequest request)
    {
        var identity = new ClaimsIdentity("OpenIddict", "username", "role");
        identity
            .SetClaim(Claims.Subject, request.ClientId)
            .SetScopes(request.GetScopes())
            .SetResources(TokenConventions.Audience)
            .SetAccessTokenLifetime(TokenExtensions.ServiceTokenLifetime)
            .SetDestinations(static _ => [Destinations.AccessToken]);

        return Task.FromResult<Results<SignInHttpResult, ForbidHttpResult, ProblemHttpResult>>(
            TypedResults.SignIn(new ClaimsPrincipal(identity), authenticationScheme: OpenIddictServerAspNetCoreDefaults.AuthenticationScheme));
    }

    /// <summary>Grants tokens to an account that has just been registered.</summary>
    public static SignInHttpResult Grant(Account account) => Grant([Scopes.OfflineAccess], account, account.CreatedAt);

    /// <summary>Grants tokens to an account whose password was checked; at the authorization endpoint, an authorization code.</summary>
    internal static SignInHttpResult Grant(IEnumerable<string> scopes, Account account, DateTimeOffset signedInAt)
    {
        var identity = new ClaimsIdentity("OpenIddict", "username", "role");
        identity.SetScopes(scopes).SetClaim(Claims.AuthenticationTime, signedInAt.ToUnixTimeSeconds());

        return Grant(identity, account);
    }

    private static SignInHttpResult Grant(ClaimsIdentity identity, Account account)
    {
        identity
            .SetClaim(Claims.Subject, account.Id.ToString())
            .SetClaim("username", account.UserName)
            .SetClaim(Claims.PreferredUsername, account.UserName)
            .SetClaim("role", account.Role)
            .SetClaim(TokenConventions.Generation, account.TokenGeneration)
            .SetResources(TokenConventions.Audience)
            .SetDestinations(static claim => claim.Type switch
            {
                Claims.AuthenticationTime => [Destinations.IdentityToken],
                Claims.PreferredUsername => claim.Subject!.HasScope(Scopes.Profile) ? [Destinations.IdentityToken] : [],
                "role" when claim.Subject!.HasScope(Scopes.Profile) => [Destinations.AccessToken, Destinations.IdentityToken],
                _ => [Destinations.AccessToken],
            });

        return TypedResults.SignIn(new ClaimsPrincipal(identity), authenticationScheme: OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
    }

    /// <summary>Refuses the registration grant: clients can't request it, only the registration endpoint uses it.</summary>
    private static Task<Results<SignInHttpResult, ForbidHttpResult, ProblemHttpResult>> RefuseGrantAsync() =>
        Task.FromResult<Results<SignInHttpResult, ForbidHttpResult, ProblemHttpResult>>(
            Refuse("The grant type is not supported.", Errors.UnsupportedGrantType));

    /// <summary>
    /// Refuses a request. OpenIddict writes the error in the form of the endpoint; the authorization endpoint redirects to the client.
    /// </summary>
    internal static ForbidHttpResult Refuse(string reason, string error = Errors.InvalidGrant) =>
        TypedResults.Forbid(Refusal(error, reason), [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);

    /// <summary>An OAuth 2.0 error in the form that OpenIddict expects.</summary>
    internal static AuthenticationProperties Refusal(string error, string reason) => new(new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        [OpenIddictServerAspNetCoreConstants.Properties.Error] = error,
        [OpenIddictServerAspNetCoreConstants.Properties.ErrorDescription] = reason,
    });
}
