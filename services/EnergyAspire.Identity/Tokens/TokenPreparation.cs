using System.Data.Common;
using EnergyAspire.Data;
using EnergyAspire.Identity.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;

namespace EnergyAspire.Identity.Tokens;

/// <summary>
/// Loads the keys and stores the client applications once the database is available; until then no token is issued or accepted. Afterwards it
/// reloads changed keys within half a minute and rotates keys that have reached their maximum age.
/// </summary>
internal sealed class TokenPreparation(
    IServiceScopeFactory scopes, DatabaseReadiness<AuthDbContext> database, TimeProvider time,
    ILogger<TokenPreparation> logger) : BackgroundService
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await database.WaitAsync(stoppingToken);
        while (!await TryAsync(PrepareAsync, stoppingToken))
            await Task.Delay(RetryDelay, time, stoppingToken);

        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await TryAsync((services, cancel) => services.GetRequiredService<KeyStore>().RefreshAsync(cancel), stoppingToken);
    }

    private async Task<bool> TryAsync(Func<IServiceProvider, CancellationToken, Task> work, CancellationToken cancel)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            await work(scope.ServiceProvider, cancel);
            return true;
        }
        catch (Exception failure) when (failure is DbException or DbUpdateException or OpenIddictExceptions.ConcurrencyException || failure.IsDatabaseAway())
        {
            logger.KeysNotLoaded(failure.GetBaseException().Message);
            return false;
        }
    }

    private static async Task PrepareAsync(IServiceProvider services, CancellationToken cancel)
    {
        var db = services.GetRequiredService<AuthDbContext>();
        var keys = services.GetRequiredService<KeyStore>();

        // The key store's lock also keeps replicas from storing the same application twice.
        await using (var transaction = await db.Database.BeginTransactionAsync(cancel))
        {
            await keys.LockAsync(cancel);
            await Applications.StoreAsync(
                services.GetRequiredService<IOpenIddictApplicationManager>(), db, services.GetRequiredService<IOptions<IdentitySettings>>().Value, cancel);
            await transaction.CommitAsync(cancel);
        }

        await keys.RefreshAsync(cancel);
    }
}
