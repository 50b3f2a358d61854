using System.Data.Common;
using EnergyAspire.Identity.Data;
using EnergyAspire.Identity.Tokens.Browser;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Data;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;

namespace EnergyAspire.Identity.Tokens;

/// <summary>Removes entries of tokens, keys, ended sessions and sign-in failures that no longer matter, every hour.</summary>
internal sealed class TokenPruning(
    IServiceScopeFactory scopes, DatabaseReadiness<AuthDbContext> database, TimeProvider time, ILogger<TokenPruning> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (OpenApiExtensions.IsGeneratingDocuments)
            return;

        await database.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await PruneAsync(stoppingToken);
            }
            catch (Exception failure) when (failure is DbException or DbUpdateException or OpenIddictExceptions.ConcurrencyException || failure.IsDatabaseAway())
            {
                logger.PruningFailed(failure.GetBaseException().Message);
            }
        }
    }

    private async Task PruneAsync(CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var now = time.GetUtcNow();

        // Used refresh tokens are kept for as long as they could come back, so that their reuse is noticed.
        var threshold = now - TokenExtensions.RefreshTokenLifetime;
        await scope.ServiceProvider.GetRequiredService<IOpenIddictTokenManager>().PruneAsync(threshold, cancel);
        await scope.ServiceProvider.GetRequiredService<IOpenIddictAuthorizationManager>().PruneAsync(threshold, cancel);

        var db = scope.ServiceProvider.GetRequiredService<AuthDbContext>();
        await db.SigningKeys.Where(key => key.RetiresAt < now).ExecuteDeleteAsync(cancel);

        var ended = now - BrowserSessions.Lifetime;
        await db.EndedBrowserSessions.Where(session => session.EndedAt < ended).ExecuteDeleteAsync(cancel);

        var forgotten = now - TimeSpan.FromDays(1);
        await db.SignInFailures.Where(failure => failure.LastFailureAt < forgotten).ExecuteDeleteAsync(cancel);
    }
}
