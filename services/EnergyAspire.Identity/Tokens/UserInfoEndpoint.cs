using System.Globalization;
using EnergyAspire.Identity.Accounts;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace EnergyAspire.Identity.Tokens;

/// <summary>The OpenID Connect userinfo endpoint. It returns only Identity's own data; names and e-mail addresses are in Users.</summary>
internal static class UserInfoEndpoint
{
    /// <summary>Path of the endpoint.</summary>
    public const string Path = "/connect/userinfo";

    /// <summary>Returns the account of the access token, which needs the scope openid.</summary>
    public static async Task<IResult> Tell(HttpContext http, UserManager<Account> accounts, TimeProvider time)
    {
        var token = (await http.AuthenticateAsync(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme)).Principal!;
        if (!token.HasScope(Scopes.OpenId))
            return Refuse(Errors.InsufficientScope, "The token lacks the scope openid.");

        if (!Guid.TryParse(token.GetClaim(Claims.Subject), out var id)
            || await accounts.FindByIdAsync(id.ToString()) is not { State: AccountState.Active } account
            || account.LockedUntil > time.GetUtcNow()
            || !long.TryParse(token.GetClaim(TokenConventions.Generation), CultureInfo.InvariantCulture, out var generation)
            || generation < account.TokenGeneration)
            return Refuse(Errors.InvalidToken, "The account has changed since this token was issued.");

        var claims = new Dictionary<string, string>(StringComparer.Ordinal) { [Claims.Subject] = account.Id.ToString() };
        if (token.HasScope(Scopes.Profile))
        {
            claims[Claims.PreferredUsername] = account.UserName!;
            claims[Claims.Username] = account.UserName!;
            claims[Claims.Role] = account.Role;
        }

        return TypedResults.Ok(claims);
    }

    private static ChallengeHttpResult Refuse(string error, string reason) =>
        TypedResults.Challenge(TokenExchange.Refusal(error, reason), [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);
}
