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

/// <summary>Decides whether a token request that OpenIddict found well-formed is granted; every token is issued through here.</summary>
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
        // OpenIddict has checked the token and, of a code, its client, address and verifier; the account may have changed or gone since.
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

    /// <summary>OpenIddict has checked the client's secret and which scopes it may have.</summary>
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

    /// <summary>Grants tokens, or at the authorization endpoint a code for them, to an account whose password was checked.</summary>
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

    /// <summary>The registration's grant is no one's to ask for.</summary>
    private static Task<Results<SignInHttpResult, ForbidHttpResult, ProblemHttpResult>> RefuseGrantAsync() =>
        Task.FromResult<Results<SignInHttpResult, ForbidHttpResult, ProblemHttpResult>>(
            Refuse("The grant type is not supported.", Errors.UnsupportedGrantType));

    /// <summary>Refuses a request in the way of its endpoint: at the authorization endpoint by going back to the client.</summary>
    internal static ForbidHttpResult Refuse(string reason, string error = Errors.InvalidGrant) =>
        TypedResults.Forbid(Refusal(error, reason), [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);

    /// <summary>An error as OpenIddict passes it on.</summary>
    internal static AuthenticationProperties Refusal(string error, string reason) => new(new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        [OpenIddictServerAspNetCoreConstants.Properties.Error] = error,
        [OpenIddictServerAspNetCoreConstants.Properties.ErrorDescription] = reason,
    });
}
