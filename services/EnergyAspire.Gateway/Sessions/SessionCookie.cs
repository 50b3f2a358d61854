using Microsoft.AspNetCore.Authentication.Cookies;

namespace EnergyAspire.Gateway.Sessions;

/// <summary>The cookie that holds the session.</summary>
internal static class SessionCookie
{
    private const string DevelopmentName = "energy-session";

    /// <summary>Browsers keep this prefix's promise: set over TLS, for this host and every path only.</summary>
    public const string Name = "__Host-energy-session";

    /// <summary>As long as a refresh token can be used.</summary>
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
        // Renewed tokens come with a new cookie.
        options.SlidingExpiration = false;
    }

    /// <summary>Keeps the session from a service; other cookies pass.</summary>
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

    // A long cookie is cut into chunks whose names go on with C and a number.
    private static bool IsSession(string cookie) =>
        cookie.StartsWith(Name, StringComparison.Ordinal) || cookie.StartsWith(DevelopmentName, StringComparison.Ordinal);
}
