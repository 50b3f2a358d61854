using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Polly;

namespace EnergyAspire.Data.Replicas;

/// <summary>Result of rebuilding the replicas in a table.</summary>
/// <param name="Added">Rows that were missing.</param>
/// <param name="Changed">Rows that differed, including tombstones of objects that exist.</param>
/// <param name="Removed">Rows of objects that no longer exist. They were replaced by tombstones.</param>
/// <param name="Unchanged">Rows that were correct, or newer than the source's list.</param>
/// <example>{"added":1,"changed":0,"removed":0,"unchanged":41}</example>
public sealed record RebuildCounts(int Added, int Changed, int Removed, int Unchanged);

/// <summary>Rebuilds a service's replicas from their sources, see <see cref="ReplicaTable{TContext, TKey, TState}.RebuildAsync"/>.</summary>
/// <typeparam name="TResult">Counts of the rebuild.</typeparam>
public abstract partial class ReplicaRebuild<TResult>(ILogger logger)
{
    /// <summary>Names of the services that own the data, for messages.</summary>
    protected abstract string Sources { get; }

    /// <summary>Rebuilds the replicas.</summary>
    /// <exception cref="HttpRequestException">A source couldn't be read completely. Then none of its replicas is deleted.</exception>
    public async Task<TResult> RunAsync(CancellationToken cancel)
    {
        var result = await RebuildAsync(cancel);
        LogDone(logger, result);

        return result;
    }

    /// <summary>Rebuilds the replicas for a request and creates the answer; 503 when a source is unavailable.</summary>
    public async Task<Results<Ok<TResult>, ProblemHttpResult>> AnswerAsync(CancellationToken cancel)
    {
        try
        {
            return TypedResults.Ok(await RunAsync(cancel));
        }
        catch (Exception failure) when (failure is HttpRequestException or JsonException or ExecutionRejectedException
            || (failure is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            LogFailure(logger, failure.GetBaseException().Message);
            return TypedResults.Problem(
                $"{Sources} can't be read now. Try again later.", statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }

    /// <summary>Rebuilds the replicas.</summary>
    protected abstract Task<TResult> RebuildAsync(CancellationToken cancel);

    [LoggerMessage(411, LogLevel.Information, "The replicas were compared with their sources: {Result}")]
    private static partial void LogDone(ILogger logger, TResult result);

    [LoggerMessage(412, LogLevel.Warning, "The replicas can't be compared with their sources now: {Reason}")]
    private static partial void LogFailure(ILogger logger, string reason);
}

/// <summary>Rebuilds the replicas periodically, so that no difference persists, whatever its cause.</summary>
internal sealed class ReplicaSchedule<TContext, TResult>(
    IServiceScopeFactory scopes, DatabaseReadiness<TContext> database, IOptions<ReplicaOptions> options, TimeProvider time,
    ILogger<ReplicaSchedule<TContext, TResult>> logger) : PeriodicWorker<TContext>(scopes, database, time, logger)
    where TContext : DbContext
{
    protected override string Name => "rebuild replicas";

    protected override TimeSpan Interval => options.Value.RebuildEvery;

    protected override bool BeginsAtOnce => false;

    protected override Task RunAsync(IServiceProvider services, CancellationToken cancel) =>
        services.GetRequiredService<ReplicaRebuild<TResult>>().RunAsync(cancel);
}

/// <summary>Adds <see cref="ReplicaRebuild{TResult}"/>.</summary>
public static class ReplicaRebuildExtensions
{
    /// <summary>Adds the rebuild of a service's replicas and its schedule.</summary>
    public static void AddReplicaRebuild<TContext, TRebuild, TResult>(this IHostApplicationBuilder builder)
        where TContext : DbContext
        where TRebuild : ReplicaRebuild<TResult>
    {
        builder.Services.AddScoped<ReplicaRebuild<TResult>, TRebuild>();
        builder.Services.AddOptions<ReplicaOptions>().BindConfiguration(ReplicaOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddHostedService<ReplicaSchedule<TContext, TResult>>();
    }
}
