using System.Security.Cryptography;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;

namespace EnergyAspire.Identity.Accounts;

/// <summary>
/// Recognises browsers that have signed in to an account before by a cookie, as in OWASP's "device cookies": a lockout that somebody
/// else brought about doesn't hold for them. The cookie is no sign-in; it only gives its holder tries of their own. See decision 0030.
/// </summary>
public sealed class KnownBrowsers(IDataProtectionProvider protection, IOptions<IdentitySettings> settings, IHostEnvironment environment)
{
    /// <summary>How long a browser is known after its last sign-in.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(180);

    // People share browsers; a cookie must not grow without end.
    private const int MostAccounts = 5;

    private readonly string _cookieName = KnownBrowserCookie.NameIn(environment);
    private readonly ITimeLimitedDataProtector _protector = protection.CreateProtector("EnergyAspire.Identity.KnownBrowser").ToTimeLimitedDataProtector();

    /// <summary>Where a request comes from, as far as an account is concerned: a browser that it knows, or an address.</summary>
    public SignInSource SourceOf(HttpContext http, Account? account) =>
        account is not null && Read(http) is { } browser && browser.Accounts.Contains(account.Id)
            ? SignInSource.Browser(browser.Id)
            : SignInSource.Address(http.Connection.RemoteIpAddress);

    /// <summary>Makes the browser of a request known to an account that has just signed in; not when another site's page made it send the request.</summary>
    public void Remember(HttpContext http, Account account)
    {
        // Such a request comes without the cookie, so the answer would replace it by one that forgets the accounts of its owner.
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

    // Browsers say it in Sec-Fetch-Site, and older ones and other programs at most in Origin.
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
            // Made up, too old, or of a key that is retired.
            return null;
        }
    }

    private sealed record Browser(string Id, IReadOnlyList<Guid> Accounts);
}
