using System.Security.Claims;
using EnergyAspire.Contracts;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace EnergyAspire.Gateway.Sessions;

/// <summary>A browser session: its account and tokens. It is stored only in the encrypted cookie.</summary>
/// <param name="Id">Id of the session, the same from sign-in to sign-out. Cookies of an older release have an empty one.</param>
/// <param name="User">Account.</param>
/// <param name="Access">Access token for the services.</param>
/// <param name="Refresh">Refresh token, which works once.</param>
/// <param name="RenewAt">From when the tokens are renewed.</param>
/// <param name="ExpiresAt">When the access token expires.</param>
public sealed record Session(Guid Id, TokenUser User, string Access, string Refresh, DateTimeOffset RenewAt, DateTimeOffset ExpiresAt)
{
    private const string IdClaim = "session";
    private const string AccessToken = "access";
    private const string RefreshToken = "refresh";
    private const string RenewAtItem = "renew_at";
    private const string ExpiresAtItem = "expires_at";

    /// <summary>Creates a session from new tokens, at sign-in or at a renewal.</summary>
    public static Session Of(Guid id, TokenSet tokens, TimeSpan renewAhead, DateTimeOffset now)
    {
        var life = TimeSpan.FromSeconds(tokens.ExpiresIn);
        var ahead = renewAhead < life / 5 ? renewAhead : life / 5;

        return new Session(id, tokens.User, tokens.Access, tokens.Refresh, now + life - ahead, now + life);
    }

    /// <summary>Reads the session of a request's cookie; null without one.</summary>
    public static Session? Of(HttpContext http)
    {
        if (http.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult is not { Succeeded: true, Ticket: { } ticket })
            return null;

        string Claim(string type) => ticket.Principal.FindFirstValue(type)!;
        DateTimeOffset Time(string item) => DateTimeOffset.FromUnixTimeSeconds(long.Parse(ticket.Properties.Items[item]!));

        return new Session(
            Guid.TryParse(ticket.Principal.FindFirstValue(IdClaim), out var id) ? id : Guid.Empty,
            new TokenUser(Guid.Parse(Claim("sub")), Claim("username"), Claim("role")),
            ticket.Properties.GetTokenValue(AccessToken)!, ticket.Properties.GetTokenValue(RefreshToken)!,
            Time(RenewAtItem), Time(ExpiresAtItem));
    }

    /// <summary>Puts the session into the answer's cookie.</summary>
    public Task WriteAsync(HttpContext http)
    {
        var identity = new ClaimsIdentity(
            [new Claim(IdClaim, Id.ToString()), new Claim("sub", User.Id.ToString()), new Claim("username", User.Username), new Claim("role", User.Role)],
            CookieAuthenticationDefaults.AuthenticationScheme, "username", "role");
        var properties = new AuthenticationProperties { IsPersistent = true };
        properties.StoreTokens(
        [
            new AuthenticationToken { Name = AccessToken, Value = Access },
            new AuthenticationToken { Name = RefreshToken, Value = Refresh },
        ]);
        properties.Items[RenewAtItem] = RenewAt.ToUnixTimeSeconds().ToString();
        properties.Items[ExpiresAtItem] = ExpiresAt.ToUnixTimeSeconds().ToString();

        return http.SignInAsync(new ClaimsPrincipal(identity), properties);
    }
}
