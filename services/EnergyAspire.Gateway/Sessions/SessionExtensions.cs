using EnergyAspire.ServiceDefaults;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;

namespace EnergyAspire.Gateway.Sessions;

internal static class SessionExtensions
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Adds browser sessions: an encrypted cookie that holds the tokens.</summary>
    public static void AddSessions(this WebApplicationBuilder builder)
    {
        builder.Services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme)
            .AddCookie(options => SessionCookie.Configure(options, builder.Environment));

        var protection = builder.Services.AddDataProtection().SetApplicationName("EnergyAspire.Gateway");
        if (builder.Configuration[$"{GatewayOptions.Section}:{nameof(GatewayOptions.KeysFolder)}"] is { Length: > 0 } folder)
        {
            if (!OperatingSystem.IsWindows())
                Directory.CreateDirectory(folder, OwnerOnly);
            protection.PersistKeysToFileSystem(new DirectoryInfo(folder));
        }

        // Each client serves all browsers, so none may keep cookies.
        builder.Services.AddHttpClient(ResourceNames.Identity).UseSocketsHttpHandler((handler, _) => handler.UseCookies = false);
#pragma warning disable EXTEXP0001 // The usual handlers would give up on the saga after ten seconds, HttpClient does after 100; how a service is, and whether a token counts, is asked once.
        builder.Services.AddHttpClient(IdentityClient.Registrations).UseSocketsHttpHandler((handler, _) => handler.UseCookies = false).RemoveAllResilienceHandlers();
        builder.Services.AddHttpClient(IdentityClient.Checks, client => client.Timeout = IdentityClient.CheckPatience).UseSocketsHttpHandler((handler, _) => handler.UseCookies = false).RemoveAllResilienceHandlers();
        builder.Services.AddHttpClient(HealthEndpoint.Client, client => client.Timeout = HealthEndpoint.Patience).UseSocketsHttpHandler((handler, _) => handler.UseCookies = false).RemoveAllResilienceHandlers();
#pragma warning restore EXTEXP0001
        builder.Services.AddSingleton<IdentityClient>();
        builder.Services.AddMemoryCache();
        builder.Services.AddSingleton<SessionEnds>();
        builder.Services.AddSingleton<SessionStanding>();
        builder.Services.AddSingleton<RenewalHandover>();
        builder.Services.AddSingleton<SessionRenewal>();
        builder.Services.AddSingleton<SessionSockets>();
        builder.Services.AddHostedService(services => services.GetRequiredService<SessionSockets>());
    }

    /// <summary>Gives requests to the services their session's access token.</summary>
    public static void UseSessionTokens(this WebApplication app) => app.UseMiddleware<SessionTokenMiddleware>();

    /// <summary>Refuses requests that another site may have made a browser send.</summary>
    public static void UseForgeryProtection(this WebApplication app) => app.UseMiddleware<ForgeryProtection>();
}
