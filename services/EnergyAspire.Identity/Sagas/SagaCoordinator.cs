using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using EnergyAspire.Data;
using EnergyAspire.Data.Audit;
using EnergyAspire.Identity.Data;
using EnergyAspire.Messaging;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace EnergyAspire.Identity.Sagas;

/// <summary>A change that all services make, or none.</summary>
/// <param name="Type">Which change.</param>
/// <param name="Subject">Account that it changes.</param>
/// <param name="Username">Its username, for display.</param>
/// <param name="Data">Input of the steps; null when they need none.</param>
/// <param name="Actor">Who requested it.</param>
public sealed record SagaOrder(SagaType Type, Guid Subject, string Username, object? Data, AuditActor Actor);

/// <summary>Starts sagas and tracks those that run in this process.</summary>
public sealed class SagaCoordinator(
    IServiceScopeFactory scopes, SagaRunner runner, IReadOnlyDictionary<SagaType, SagaDefinition> definitions, IOptions<SagaOptions> options,
    TimeProvider time, IHostApplicationLifetime lifetime)
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<Guid, Task> _runs = new();

    /// <summary>
    /// Runs a saga and returns it when it has ended. If that takes longer than a caller waits, returns its current state. The saga continues
    /// when the caller disconnects.
    /// </summary>
    /// <param name="order">The change.</param>
    /// <exception cref="SagaRefusedException">Another saga about the same account hasn't ended.</exception>
    public async Task<Saga> RunAsync(SagaOrder order, CancellationToken cancel)
    {
        var activity = SagaRunner.Source.StartActivity($"saga {order.Type}");
        Task run;
        Guid id;
        try
        {
            id = await InsertAsync(order, activity?.Id ?? Activity.Current?.Id, cancel);
            run = Start(id, fence: 1, activity);
        }
        catch
        {
            activity?.Dispose();
            throw;
        }

        var patience = options.Value.Deadline + options.Value.CompensationWait;
        var giveUp = time.GetUtcNow() + patience;
        await Task.WhenAny(run, Task.Delay(patience, time, cancel));
        while (true)
        {
            var saga = await ReadAsync(id, cancel);
            if (saga.IsFinished || time.GetUtcNow() >= giveUp)
                return saga;

            // Another replica may continue it.
            await Task.Delay(LookInterval, time, cancel);
        }
    }

    /// <summary>Runs a saga that this process has the lease of.</summary>
    /// <param name="id">Saga.</param>
    /// <param name="fence">Fence of this replica's lease.</param>
    /// <param name="activity">Span of the whole saga, ended with it.</param>
    public Task Start(Guid id, long fence, Activity? activity = null)
    {
        var run = Task.Run(() => RunToEndAsync(id, fence, activity));
        _runs[id] = run;
        _ = run.ContinueWith(_ => _runs.TryRemove(id, out Task? _), TaskScheduler.Default);

        return run;
    }

    /// <summary>Waits until no saga runs in this process.</summary>
    public Task DrainAsync() => Task.WhenAll(_runs.Values);

    private async Task RunToEndAsync(Guid id, long fence, Activity? activity)
    {
        using (activity)
        {
            try
            {
                await runner.RunAsync(id, fence, lifetime.ApplicationStopping);
            }
            catch (OperationCanceledException)
            {
                await ReleaseAsync(id, fence);
            }
        }
    }

    private async Task<Guid> InsertAsync(SagaOrder order, string? traceParent, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var saga = new Saga
        {
            Id = Guid.CreateVersion7(now),
            Type = order.Type,
            Subject = order.Subject,
            Username = order.Username,
            Data = order.Data is null ? null : JsonSerializer.Serialize(order.Data, order.Data.GetType(), MessageJson.Options),
            Steps = [.. definitions[order.Type].Steps.Select(step => new StepProgress { Name = step.Name })],
            StartedAt = now,
            NextAttemptAt = now,
            Deadline = now + options.Value.Deadline,
            LeasedUntil = now + options.Value.Lease,
            ActorId = order.Actor.Id,
            Actor = order.Actor.Name,
            Address = order.Actor.Address,
            TraceParent = traceParent,
        };

        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AuthDbContext>();
        db.Add(saga);
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateException failure) when (failure.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            throw new SagaRefusedException(new SagaRefusal(
                StatusCodes.Status409Conflict, "Another change of this account is under way. Wait for its end and try again."));
        }

        return saga.Id;
    }

    private async Task<Saga> ReadAsync(Guid id, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<AuthDbContext>().Sagas.AsNoTracking().SingleAsync(saga => saga.Id == id, cancel);
    }

    /// <summary>Ends the lease so that another replica can continue at once.</summary>
    private async Task ReleaseAsync(Guid id, long fence)
    {
        var now = time.GetUtcNow();
        await using var scope = scopes.CreateAsyncScope();
        try
        {
            await scope.ServiceProvider.GetRequiredService<AuthDbContext>().Sagas
                .Where(saga => saga.Id == id && saga.Fence == fence && saga.FinishedAt == null)
                .ExecuteUpdateAsync(saga => saga.SetProperty(s => s.LeasedUntil, now));
        }
        catch (Exception failure) when (failure.IsDatabaseAway())
        {
            // The lease expires by itself. The process ends without an error all the same.
        }
    }
}
