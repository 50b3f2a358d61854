using System.Data.Common;
using System.Diagnostics;
using EnergyAspire.Data;
using EnergyAspire.Identity.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace EnergyAspire.Identity.Sagas;

/// <summary>
/// Runs a saga to its end: reads its row, does or undoes the step that is due, writes the result, and repeats. Every write checks the fence, so
/// a replica whose saga was taken over can't write any more, even if it has not crashed and was only slow.
/// </summary>
public sealed class SagaRunner(
    IServiceScopeFactory scopes, IReadOnlyDictionary<SagaType, SagaDefinition> definitions, IOptions<SagaOptions> options, TimeProvider time,
    IdentityMetrics metrics, ILogger<SagaRunner> logger)
{
    /// <summary>Name of the source of the sagas' spans.</summary>
    public static readonly ActivitySource Source = new("EnergyAspire.Identity.Sagas");

    private static readonly TimeSpan DatabaseDelay = TimeSpan.FromMilliseconds(500);

    /// <summary>Runs a saga until it ends or another replica has it.</summary>
    /// <param name="id">Saga.</param>
    /// <param name="fence">Fence of this replica's lease.</param>
    public async Task RunAsync(Guid id, long fence, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                if (await AdvanceAsync(id, fence, stop) is not { } due)
                    return;
                if (due > time.GetUtcNow())
                    await Task.Delay(due - time.GetUtcNow(), time, stop);
            }
            catch (DbUpdateConcurrencyException)
            {
                logger.SagaTakenOver(id);
                return;
            }
            catch (Exception failure) when (failure is DbException || failure.IsDatabaseAway())
            {
                // Whether the write was committed is unknown. The next attempt reads the row again.
                logger.SagaInterrupted(id, failure.GetBaseException().Message);
                await Task.Delay(DatabaseDelay, time, stop);
            }
        }
    }

    /// <summary>
    /// Does or undoes the next step. Returns when the following step is due; null when the saga has ended or another replica has it.
    /// </summary>
    private async Task<DateTimeOffset?> AdvanceAsync(Guid id, long fence, CancellationToken stop)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AuthDbContext>();
        var saga = await db.Sagas.SingleOrDefaultAsync(s => s.Id == id && s.Fence == fence, stop);
        if (saga is null || saga.IsFinished)
            return null;
        if (saga.NextAttemptAt > time.GetUtcNow())
            return saga.NextAttemptAt;

        if (saga.Next(time.GetUtcNow()) is not { } step)
        {
            await SaveAsync(db, saga, stop);
            return null;
        }

        var isUndo = saga.State == SagaState.Compensating;
        using var activity = StartActivity(saga, step, isUndo);
        if (definitions[saga.Type][step.Name] is RemoteStep remote)
            await TryRemoteAsync(saga, step, isUndo ? remote.Undo : remote.Do, db, scope.ServiceProvider.GetRequiredService<Participants>(), stop);
        else if (definitions[saga.Type][step.Name] is LocalStep local)
            await TryLocalAsync(saga, step, (isUndo ? local.Undo : local.Do)!, db, stop);

        return saga.NextAttemptAt;
    }

    /// <summary>Stores that an attempt begins, makes it, and stores its result.</summary>
    private async Task TryRemoteAsync(Saga saga, StepProgress step, RemoteWork work, AuthDbContext db, Participants participants, CancellationToken stop)
    {
        saga.Begin(step, time.GetUtcNow());
        await SaveAsync(db, saga, stop);

        try
        {
            using var timeout = new CancellationTokenSource(options.Value.StepTimeout, time);
            await work(saga, participants, timeout.Token);
            saga.Succeed(step, time.GetUtcNow());
        }
        catch (Exception failure)
        {
            Note(saga, step, failure, mayHaveEffect: failure is not StepNotReachedException);
        }

        await SaveAsync(db, saga, stop);
    }

    /// <summary>Makes the attempt and stores its result in one transaction.</summary>
    private async Task TryLocalAsync(Saga saga, StepProgress step, LocalWork work, AuthDbContext db, CancellationToken stop)
    {
        try
        {
            await using var transaction = await db.Database.BeginTransactionAsync(stop);
            saga.Begin(step, time.GetUtcNow());
            await work(saga, db, time.GetUtcNow(), stop);
            saga.Succeed(step, time.GetUtcNow());
            await SaveAsync(db, saga, stop);
            await transaction.CommitAsync(stop);
        }
        catch (Exception failure) when (failure is not (DbUpdateConcurrencyException or OperationCanceledException) && !failure.IsDatabaseAway())
        {
            await NoteLocalFailureAsync(saga.Id, saga.Fence, step.Name, failure, db, stop);
        }
    }

    private async Task NoteLocalFailureAsync(Guid id, long fence, string stepName, Exception failure, AuthDbContext db, CancellationToken stop)
    {
        // The transaction was rolled back, so the tracked entities no longer match the database.
        db.ChangeTracker.Clear();
        var saga = await db.Sagas.SingleOrDefaultAsync(s => s.Id == id && s.Fence == fence, stop) ?? throw new DbUpdateConcurrencyException();
        var step = saga.Steps.Single(s => s.Name == stepName);

        saga.Begin(step, time.GetUtcNow());
        Note(saga, step, failure, mayHaveEffect: false);
        await SaveAsync(db, saga, stop);
    }

    private void Note(Saga saga, StepProgress step, Exception failure, bool mayHaveEffect)
    {
        var error = failure is OperationCanceledException
            ? $"There was no answer within {options.Value.StepTimeout.TotalSeconds} s."
            : failure.GetBaseException().Message;
        Activity.Current?.SetStatus(ActivityStatusCode.Error, error);
        logger.StepFailed(saga.Type, saga.Id, step.Name, saga.State, error);

        if (failure is SagaRefusedException refused && saga.State == SagaState.Running)
            saga.Refuse(step, refused.Refusal, time.GetUtcNow());
        else
            saga.Fail(step, error, mayHaveEffect, time.GetUtcNow());
    }

    private async Task SaveAsync(AuthDbContext db, Saga saga, CancellationToken stop)
    {
        saga.LeasedUntil = time.GetUtcNow() + options.Value.Lease;
        await db.SaveChangesAsync(stop);
        if (!saga.IsFinished)
            return;

        metrics.SagaEnded(saga);
        logger.SagaEnded(saga.Type, saga.Id, saga.Subject, saga.State, saga.LastError);
    }

    private static Activity? StartActivity(Saga saga, StepProgress step, bool isUndo)
    {
        var name = $"{(isUndo ? "compensate" : "step")} {step.Name}";
        // A saga that was taken over continues the trace in which it began.
        var activity = Activity.Current is null && ActivityContext.TryParse(saga.TraceParent, traceState: null, isRemote: true, out var began)
            ? Source.StartActivity(name, ActivityKind.Internal, began)
            : Source.StartActivity(name);
        activity?.SetTag("saga.id", saga.Id).SetTag("saga.type", saga.Type.ToString()).SetTag("saga.attempt", isUndo ? step.UndoAttempts + 1 : step.Attempts + 1);

        return activity;
    }
}
