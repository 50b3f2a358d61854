using System.Data.Common;
using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EnergyAspire.Data;

/// <summary>Applies a service's database migrations when it starts.</summary>
public static class DatabaseMigrationExtensions
{
    internal static readonly ActivitySource Source = new("EnergyAspire.Data");

    /// <summary>
    /// Applies the migrations of <typeparamref name="TContext"/> in the background, with retries while the database is unavailable. Until then the
    /// service runs but isn't ready. EF Core's migration lock makes this safe with several replicas.
    /// </summary>
    public static IHostApplicationBuilder AddDatabaseMigration<TContext>(this IHostApplicationBuilder builder)
        where TContext : DbContext
    {
        builder.Services.AddSingleton<DatabaseReadiness<TContext>>();
        builder.Services.AddHealthChecks().AddCheck<DatabaseReadiness<TContext>>("migrations");

        builder.Services.AddHostedService<DatabaseMigration<TContext>>();
        builder.Services.PostConfigure<ExceptionHandlerOptions>(AnswerFaults);

        return builder;
    }

    /// <summary>Answers 503 while the database is unavailable, and 400 for a value of the request that the database can't store.</summary>
    private static void AnswerFaults(ExceptionHandlerOptions options)
    {
        var usual = options.StatusCodeSelector!;
        options.StatusCodeSelector = failure =>
            failure.IsDatabaseAway() ? StatusCodes.Status503ServiceUnavailable
            : failure.IsRefusedValue() ? StatusCodes.Status400BadRequest
            : usual(failure);
    }
}

internal sealed partial class DatabaseMigration<TContext>(
    IServiceScopeFactory scopes, DatabaseReadiness<TContext> readiness, TimeProvider time, ILogger<DatabaseMigration<TContext>> logger)
    : BackgroundService
    where TContext : DbContext
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    // A migration may rewrite a large table. With a shorter timeout the command would be aborted and repeated from the start without end.
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
            // The context may be pooled, so the usual timeout is restored.
            database.SetCommandTimeout(usual);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The database of {Context} can't be migrated yet: {Reason}")]
    private static partial void LogRetry(ILogger logger, string context, string reason);
}
