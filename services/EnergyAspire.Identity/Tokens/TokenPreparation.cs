using System.Data.Common;
using EnergyAspire.Identity.Data;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;

namespace EnergyAspire.Identity.Tokens;

/// <summary>Loads keys and stores the client applications once the database is there; until then no token is issued or accepted.</summary>
internal sealed class TokenPreparation(
    IServiceScopeFactory scopes, DatabaseReadiness<AuthDbContext> database, KeyRing ring, TimeProvider time,
    ILogger<TokenPreparation> logger) : BackgroundService
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (OpenApiExtensions.IsGeneratingDocuments)
            return;

        await database.WaitAsync(stoppingToken);
        while (true)
        {
            try
            {
                ring.Replace(await PrepareAsync(stoppingToken));
                return;
            }
            catch (Exception failure) when (failure is DbException or DbUpdateException or OpenIddictExceptions.ConcurrencyException || failure.IsDatabaseAway())
            {
                logger.KeysNotLoaded(failure.GetBaseException().Message);
                await Task.Delay(RetryDelay, time, stoppingToken);
            }
        }
    }

    private async Task<TokenKeys> PrepareAsync(CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AuthDbContext>();

        // The key store's lock also keeps replicas from storing the same application twice.
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var keys = await scope.ServiceProvider.GetRequiredService<KeyStore>().LoadAsync(cancel);
        await Applications.StoreAsync(
            scope.ServiceProvider.GetRequiredService<IOpenIddictApplicationManager>(), db,
            scope.ServiceProvider.GetRequiredService<IOptions<IdentitySettings>>().Value,
            cancel);
        await transaction.CommitAsync(cancel);

        return keys;
    }
}
