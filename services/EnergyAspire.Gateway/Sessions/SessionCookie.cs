using Microsoft.AspNetCore.Authentication.Cookies;

namespace EnergyAspire.Gateway.Sessions;

/// <summary>The cookie that holds the session.</summary>
internal static class SessionCookie
{
    private const string DevelopmentName = "energy-session";

    /// <summary>Name of the cookie. Browsers accept the prefix __Host- only over TLS, for this host alone and with the path /.</summary>
    public const string Name = "__Host-energy-session";

    /// <summary>Lifetime of the cookie, the same as of a refresh token.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromDays(14);

    public static void Configure(CookieAuthenticationOptions options, IHostEnvironment environment)
    {
        var development = environment.IsDevelopment();
        options.Cookie.Name = development ? DevelopmentName : Name;
        options.Cookie.HttpOnly = true;
        options.Cookie.IsEssential = true;
        options.Cookie.Path = "/";
        options.Cookie.SameSite = SameSiteMode.Strict;
        options.Cookie.SecurePolicy = development ? CookieSecurePolicy.SameAsRequest : CookieSecurePolicy.Always;
        options.ExpireTimeSpan = Life;
        // Each renewal of the tokens sets a new cookie.
        options.SlidingExpiration = false;
    }

    /// <summary>Removes the session cookie from a request to a service; other cookies are kept.</summary>
    public static void RemoveFrom(HttpRequestMessage request)
    {
        if (!request.Headers.TryGetValues("Cookie", out var values))
            return;

        var others = values
            .SelectMany(value => value.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .Where(cookie => !IsSession(cookie))
            .ToArray();
        request.Headers.Remove("Cookie");
        if (others.Length > 0)
            request.Headers.TryAddWithoutValidation("Cookie", string.Join("; ", others));
    }

    // A long cookie is split into chunks whose names end with C and a number.
    private static bool IsSession(string cookie) =>
        cookie.StartsWith(Name, StringComparison.Ordinal) || cookie.StartsWith(DevelopmentName, StringComparison.Ordinal);
}
