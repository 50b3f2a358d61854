using EnergyAspire.Data;
using EnergyAspire.Identity.Data;
using EnergyAspire.Identity.Tokens.Browser;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;

namespace EnergyAspire.Identity.Tokens;

/// <summary>Removes expired tokens, keys, ended sessions and sign-in failures from the database every hour.</summary>
internal sealed class TokenPruning(
    IServiceScopeFactory scopes, DatabaseReadiness<AuthDbContext> database, TimeProvider time, ILogger<TokenPruning> logger)
    : PeriodicWorker<AuthDbContext>(scopes, database, time, logger)
{
    protected override string Name => "prune tokens";

    protected override TimeSpan Interval => TimeSpan.FromHours(1);

    // Not at start, when other work has priority.
    protected override bool BeginsAtOnce => false;

    protected override async Task RunAsync(IServiceProvider services, CancellationToken cancel)
    {
        var now = Time.GetUtcNow();

        // Used refresh tokens are kept for a token's whole lifetime, so that reuse is detected.
        var threshold = now - TokenExtensions.RefreshTokenLifetime;
        await services.GetRequiredService<IOpenIddictTokenManager>().PruneAsync(threshold, cancel);
        await services.GetRequiredService<IOpenIddictAuthorizationManager>().PruneAsync(threshold, cancel);

        var db = services.GetRequiredService<AuthDbContext>();
        await db.SigningKeys.Where(key => key.RetiresAt < now).ExecuteDeleteAsync(cancel);

        var ended = now - BrowserSessions.Lifetime;
        await db.EndedBrowserSessions.Where(session => session.EndedAt < ended).ExecuteDeleteAsync(cancel);

        var forgotten = now - TimeSpan.FromDays(1);
        await db.SignInFailures.Where(failure => failure.LastFailureAt < forgotten).ExecuteDeleteAsync(cancel);
    }
}
