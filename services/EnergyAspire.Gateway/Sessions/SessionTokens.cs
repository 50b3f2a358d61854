using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace EnergyAspire.Gateway.Sessions;

/// <summary>Who a session belongs to.</summary>
/// <param name="Id">Account id.</param>
/// <param name="Username">Sign-in name.</param>
/// <param name="Role"><c>admin</c> or <c>client</c>.</param>
public sealed record SessionUser(Guid Id, string Username, string Role);

/// <summary>What Identity answers to a sign-in.</summary>
/// <param name="Access">Access token for the services.</param>
/// <param name="Refresh">Token for the next access token; works once.</param>
/// <param name="ExpiresIn">Seconds until the access token expires.</param>
/// <param name="User">Whose tokens they are.</param>
public sealed record SessionTokens(string Access, string Refresh, int ExpiresIn, SessionUser User)
{
    private const string AccessName = "access";
    private const string RefreshName = "refresh";
    private const string ExpiresName = "expires_at";

    /// <summary>Returns the principal of the session's cookie.</summary>
    public ClaimsPrincipal ToPrincipal() => new(new ClaimsIdentity(
        [new Claim("sub", User.Id.ToString()), new Claim("username", User.Username), new Claim("role", User.Role)],
        CookieAuthenticationDefaults.AuthenticationScheme, "username", "role"));

    /// <summary>Puts the tokens into the part of the cookie that only the gateway can read.</summary>
    public void StoreIn(AuthenticationProperties properties, DateTimeOffset now) => properties.StoreTokens(
    [
        new AuthenticationToken { Name = AccessName, Value = Access },
        new AuthenticationToken { Name = RefreshName, Value = Refresh },
        new AuthenticationToken { Name = ExpiresName, Value = now.AddSeconds(ExpiresIn).ToString("O", CultureInfo.InvariantCulture) },
    ]);

    /// <summary>Returns the access token of a session.</summary>
    public static string? AccessOf(AuthenticationProperties? properties) => properties?.GetTokenValue(AccessName);

    /// <summary>Returns the refresh token of a session.</summary>
    public static string? RefreshOf(AuthenticationProperties? properties) => properties?.GetTokenValue(RefreshName);

    /// <summary>Returns when the access token of a session expires.</summary>
    public static DateTimeOffset ExpiryOf(AuthenticationProperties properties) =>
        DateTimeOffset.TryParse(properties.GetTokenValue(ExpiresName), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var expiry)
            ? expiry
            : DateTimeOffset.MinValue;
}
