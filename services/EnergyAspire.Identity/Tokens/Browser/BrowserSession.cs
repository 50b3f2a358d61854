using System.Globalization;
using System.Security.Claims;
using EnergyAspire.Identity.Accounts;
using EnergyAspire.Identity.Data;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace EnergyAspire.Identity.Tokens.Browser;

/// <summary>A browser session of Identity's own sign-in page.</summary>
/// <param name="Account">Account, as it is now.</param>
/// <param name="SignedInAt">When the password was given; whole seconds.</param>
/// <param name="Id">Session id.</param>
internal sealed record BrowserSession(Account Account, DateTimeOffset SignedInAt, Guid Id);

/// <summary>
/// Identity's own browser sessions. The cookie is limited to <c>/connect</c>. While it is valid, signing in to further clients needs no
/// password.
/// </summary>
internal sealed class BrowserSessions(UserManager<Account> accounts, AuthDbContext db, TimeProvider time)
{
    /// <summary>Authentication scheme of the cookie.</summary>
    public const string Scheme = "browser";

    private const string SessionClaim = "sid";

    /// <summary>How long a session lasts after the password was entered.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    /// <summary>The session of the request; null when there is none, or when the account was changed, locked or deleted since sign-in.</summary>
    public async Task<BrowserSession?> FindAsync(HttpContext http)
    {
        if ((await http.AuthenticateAsync(Scheme)).Principal is not { } cookie
            || await accounts.FindByIdAsync(cookie.FindFirstValue(Claims.Subject)!) is not { State: AccountState.Active } account
            || account.LockedUntil > time.GetUtcNow()
            || Number(cookie, TokenConventions.Generation) != account.TokenGeneration
            || !Guid.TryParse(cookie.FindFirstValue(SessionClaim), out var id)
            || await db.EndedBrowserSessions.AnyAsync(session => session.Id == id, http.RequestAborted))
            return null;

        return new BrowserSession(account, DateTimeOffset.FromUnixTimeSeconds(Number(cookie, Claims.AuthenticationTime)), id);
    }

    /// <summary>Opens a session for an account whose password was just checked.</summary>
    public Task OpenAsync(HttpContext http, Account account)
    {
        var now = time.GetUtcNow();
        var identity = new ClaimsIdentity(
            [
                new Claim(Claims.Subject, account.Id.ToString()),
                new Claim(SessionClaim, Guid.NewGuid().ToString()),
                new Claim(TokenConventions.Generation, account.TokenGeneration.ToString(CultureInfo.InvariantCulture)),
                new Claim(Claims.AuthenticationTime, now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)),
            ],
            Scheme);

        return http.SignInAsync(Scheme, new ClaimsPrincipal(identity));
    }

    /// <summary>Ends a session: deletes the cookie, and records the end so that copies of it are refused.</summary>
    public async Task CloseAsync(HttpContext http, BrowserSession session, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        await db.Database.ExecuteSqlAsync(
            $"insert into ended_browser_sessions (id, ended_at) values ({session.Id}, {now}) on conflict do nothing", cancel);
        await http.SignOutAsync(Scheme);
    }

    private static long Number(ClaimsPrincipal cookie, string claim) => long.Parse(cookie.FindFirstValue(claim)!, CultureInfo.InvariantCulture);
}
