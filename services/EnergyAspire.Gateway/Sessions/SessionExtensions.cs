using EnergyAspire.Gateway.Shared;
using EnergyAspire.ServiceDefaults;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;

namespace EnergyAspire.Gateway.Sessions;

internal static class SessionExtensions
{
    /// <summary>Adds browser sessions: an encrypted cookie that holds the tokens.</summary>
    public static void AddSessions(this WebApplicationBuilder builder)
    {
        builder.Services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme)
            .AddCookie(options => SessionCookie.Configure(options, builder.Environment));

        builder.Services.AddDataProtection().SetApplicationName("EnergyAspire.Gateway").ShareKeys(builder);

        // All browsers share these HTTP clients, so the clients must not store cookies.
        builder.Services.AddHttpClient(ResourceNames.Identity).UseSocketsHttpHandler((handler, _) => handler.UseCookies = false);
#pragma warning disable EXTEXP0001 // The usual handlers would give up on the saga after ten seconds, HttpClient does after 100; how a service is, and whether a token counts, is asked once.
        builder.Services.AddHttpClient(IdentityClient.Registrations).UseSocketsHttpHandler((handler, _) => handler.UseCookies = false).RemoveAllResilienceHandlers();
        builder.Services.AddHttpClient(IdentityClient.Checks, client => client.Timeout = IdentityClient.CheckPatience).UseSocketsHttpHandler((handler, _) => handler.UseCookies = false).RemoveAllResilienceHandlers();
        builder.Services.AddHttpClient(HealthEndpoint.Client, client => client.Timeout = HealthEndpoint.Patience).UseSocketsHttpHandler((handler, _) => handler.UseCookies = false).RemoveAllResilienceHandlers();
#pragma warning restore EXTEXP0001
        builder.Services.AddSingleton<IdentityClient>();
        builder.Services.AddMemoryCache();
        builder.Services.AddSingleton<SessionMetrics>();
        builder.Services.AddSingleton<SessionEnds>();
        builder.Services.AddSingleton<SessionStanding>();
        builder.Services.AddSingleton<RenewalHandover>();
        builder.Services.AddSingleton<SessionRenewal>();
        builder.Services.AddSingleton<SessionSockets>();
        builder.Services.AddHostedService(services => services.GetRequiredService<SessionSockets>());
    }

    /// <summary>Adds the session's access token to requests to the services.</summary>
    public static void UseSessionTokens(this WebApplication app) => app.UseMiddleware<SessionTokenMiddleware>();

    /// <summary>Refuses requests that may be forged by another site.</summary>
    public static void UseForgeryProtection(this WebApplication app) => app.UseMiddleware<ForgeryProtection>();
}
