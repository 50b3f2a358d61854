using System.Security.Cryptography;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;

namespace EnergyAspire.Identity.Accounts;

/// <summary>
/// Recognises browsers that have signed in to an account before by a cookie, as in OWASP's "device cookies". A lockout caused by others doesn't
/// apply to them. The cookie doesn't sign anybody in; its browser only has its own count of failures. See decision 0030.
/// </summary>
public sealed class KnownBrowsers(IDataProtectionProvider protection, IOptions<IdentitySettings> settings, IHostEnvironment environment)
{
    /// <summary>How long a browser stays known after its last sign-in.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(180);

    // Several people may use a browser, but the size of the cookie must be bounded.
    private const int MostAccounts = 5;

    private readonly string _cookieName = KnownBrowserCookie.NameIn(environment);
    private readonly ITimeLimitedDataProtector _protector = protection.CreateProtector("EnergyAspire.Identity.KnownBrowser").ToTimeLimitedDataProtector();

    /// <summary>Source of a request for an account: a browser that the account knows, else an address.</summary>
    public SignInSource SourceOf(HttpContext http, Account? account) =>
        account is not null && Read(http) is { } browser && browser.Accounts.Contains(account.Id)
            ? SignInSource.Browser(browser.Id)
            : SignInSource.Address(http.Connection.RemoteIpAddress);

    /// <summary>
    /// Makes the browser of a request known to an account that has just signed in, unless the request comes from another site's page.
    /// </summary>
    public void Remember(HttpContext http, Account account)
    {
        // Such a request comes without the cookie. The answer would replace the cookie and lose its known accounts.
        if (IsFromAnotherSite(http.Request))
            return;

        var (id, accounts) = Read(http) ?? new Browser(Convert.ToHexString(RandomNumberGenerator.GetBytes(16)), []);
        var value = string.Join(' ', accounts.Where(other => other != account.Id).Prepend(account.Id).Take(MostAccounts).Select(other => $"{other:N}").Prepend(id));
        http.Response.Cookies.Append(_cookieName, _protector.Protect(value, Lifetime), new CookieOptions
        {
            HttpOnly = true,
            IsEssential = true,
            MaxAge = Lifetime,
            Path = "/",
            SameSite = SameSiteMode.Strict,
            Secure = http.Request.IsHttps || !environment.IsDevelopment(),
        });
    }

    // Browsers send Sec-Fetch-Site; older browsers and other programs send Origin or neither.
    private bool IsFromAnotherSite(HttpRequest request) => request.Headers["Sec-Fetch-Site"].ToString() switch
    {
        "same-origin" or "none" => false,
        "cross-site" => true,
        _ => request.Headers.Origin.ToString() is { Length: > 0 } origin
            && !origin.Equals(settings.Value.Issuer?.GetLeftPart(UriPartial.Authority), StringComparison.OrdinalIgnoreCase),
    };

    private Browser? Read(HttpContext http)
    {
        if (!http.Request.Cookies.TryGetValue(_cookieName, out var cookie))
            return null;

        try
        {
            return _protector.Unprotect(cookie).Split(' ') is [var id, .. var accounts]
                ? new Browser(id, [.. accounts.Select(account => Guid.ParseExact(account, "N"))])
                : null;
        }
        catch (CryptographicException)
        {
            // Forged, expired, or protected by a retired key.
            return null;
        }
    }

    private sealed record Browser(string Id, IReadOnlyList<Guid> Accounts);
}
