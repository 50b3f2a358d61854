using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using Polly;

namespace EnergyAspire.Data;

/// <summary>
/// Base of workers that repeat work on a service's database for as long as the process runs, starting when the database is migrated. A failure is
/// logged, and the work is retried at the next interval.
/// </summary>
public abstract partial class PeriodicWorker<TContext>(
    IServiceScopeFactory scopes, DatabaseReadiness<TContext> database, TimeProvider time, ILogger logger) : BackgroundService
    where TContext : DbContext
{
    /// <summary>Clock.</summary>
    protected TimeProvider Time { get; } = time;

    /// <summary>What the work does, for logs and traces.</summary>
    protected abstract string Name { get; }

    /// <summary>Time from one start of the work to the next. After a longer run the next one starts at once.</summary>
    protected abstract TimeSpan Interval { get; }

    /// <summary>Whether the work is done as soon as the database is ready; otherwise one interval later.</summary>
    protected virtual bool BeginsAtOnce => true;

    /// <summary>Whether the work is traced. Work that polls every few seconds and mostly finds nothing should not be.</summary>
    protected virtual bool IsTraced => true;

    /// <summary>Does the work once, with the services of a new scope.</summary>
    protected abstract Task RunAsync(IServiceProvider services, CancellationToken cancel);

    /// <summary>Does the work once, outside of the schedule. A failure is thrown.</summary>
    public async Task RunOnceAsync(CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        await RunAsync(scope.ServiceProvider, cancel);
    }

    /// <inheritdoc />
    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await database.WaitAsync(stoppingToken);

        using var untraced = IsTraced ? null : SuppressInstrumentationScope.Begin();
        using var timer = new PeriodicTimer(Interval, Time);
        if (BeginsAtOnce)
            await TryAsync(stoppingToken);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await TryAsync(stoppingToken);
    }

    private async Task TryAsync(CancellationToken cancel)
    {
        using var activity = IsTraced ? DatabaseMigrationExtensions.Source.StartActivity(Name) : null;
        try
        {
            await RunOnceAsync(cancel);
        }
        catch (Exception failure) when (!cancel.IsCancellationRequested)
        {
            activity?.SetStatus(ActivityStatusCode.Error, failure.GetBaseException().Message);
            if (failure is HttpRequestException or ExecutionRejectedException || failure.IsDatabaseAway())
                LogAway(logger, Name, failure.GetBaseException().Message);
            else
                LogFailure(logger, Name, failure);
        }
    }

    [LoggerMessage(401, LogLevel.Warning, "'{Work}' can't be done now and is retried later: {Reason}")]
    private static partial void LogAway(ILogger logger, string work, string reason);

    [LoggerMessage(402, LogLevel.Error, "'{Work}' failed and is retried later")]
    private static partial void LogFailure(ILogger logger, string work, Exception failure);
}
