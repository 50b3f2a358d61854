using System.Data.Common;
using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EnergyAspire.ServiceDefaults.Data;

/// <summary>Brings a service's database up to date when the service starts.</summary>
public static class DatabaseMigrationExtensions
{
    internal static readonly ActivitySource Source = new("EnergyAspire.ServiceDefaults");

    /// <summary>
    /// Applies the migrations of <typeparamref name="TContext"/> in the background and retries while the database is away;
    /// until then the service is up but not ready. EF Core's migration lock makes this safe with replicas.
    /// </summary>
    public static IHostApplicationBuilder AddDatabaseMigration<TContext>(this IHostApplicationBuilder builder)
        where TContext : DbContext
    {
        builder.Services.AddSingleton<DatabaseReadiness<TContext>>();
        builder.Services.AddHealthChecks().AddCheck<DatabaseReadiness<TContext>>("migrations");

        if (!OpenApiExtensions.IsGeneratingDocuments)
            builder.Services.AddHostedService<DatabaseMigration<TContext>>();

        return builder;
    }
}

internal sealed partial class DatabaseMigration<TContext>(
    IServiceScopeFactory scopes, DatabaseReadiness<TContext> readiness, TimeProvider time, ILogger<DatabaseMigration<TContext>> logger)
    : BackgroundService
    where TContext : DbContext
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    // A command of a migration rewrites a large table. One that timed out would be repeated from the start, again and again.
    private static readonly TimeSpan CommandTimeout = TimeSpan.FromMinutes(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            using var activity = DatabaseMigrationExtensions.Source.StartActivity($"migrate {typeof(TContext).Name}");
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                await MigrateAsync(scope.ServiceProvider.GetRequiredService<TContext>().Database, stoppingToken);
                readiness.MarkMigrated();
                return;
            }
            catch (Exception failure) when (failure is DbException or DbUpdateException || failure.IsDatabaseAway())
            {
                LogRetry(logger, typeof(TContext).Name, failure.GetBaseException().Message);
                await Task.Delay(RetryDelay, time, stoppingToken);
            }
        }
    }

    private static async Task MigrateAsync(DatabaseFacade database, CancellationToken cancel)
    {
        var usual = database.GetCommandTimeout();
        database.SetCommandTimeout(CommandTimeout);
        try
        {
            await database.MigrateAsync(cancel);
        }
        finally
        {
            // The context may come from a pool and go back to it.
            database.SetCommandTimeout(usual);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The database of {Context} can't be migrated yet: {Reason}")]
    private static partial void LogRetry(ILogger logger, string context, string reason);
}
