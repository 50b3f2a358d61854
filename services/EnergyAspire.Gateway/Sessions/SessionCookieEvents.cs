using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace EnergyAspire.Gateway.Sessions;

/// <summary>Keeps a session's access token fresh, and answers with status codes instead of redirects.</summary>
public sealed class SessionCookieEvents(SessionRefresher refresher, TimeProvider time) : CookieAuthenticationEvents
{
    private static readonly TimeSpan RefreshBefore = TimeSpan.FromMinutes(1);

    /// <inheritdoc />
    public override async Task ValidatePrincipal(CookieValidatePrincipalContext context)
    {
        if (time.GetUtcNow() < SessionTokens.ExpiryOf(context.Properties) - RefreshBefore)
            return;

        var refresh = SessionTokens.RefreshOf(context.Properties);
        var tokens = refresh is null ? null : await refresher.RefreshAsync(refresh, context.HttpContext.RequestAborted);
        if (tokens is null)
        {
            context.RejectPrincipal();
            await context.HttpContext.SignOutAsync(context.Scheme.Name);
            return;
        }

        tokens.StoreIn(context.Properties, time.GetUtcNow());
        context.ReplacePrincipal(tokens.ToPrincipal());
        context.ShouldRenew = true;
    }

    /// <inheritdoc />
    public override Task RedirectToLogin(RedirectContext<CookieAuthenticationOptions> context)
    {
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        return Task.CompletedTask;
    }
}
