using System.Text.Json;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Messaging.Sagas;

/// <summary>
/// A saga's steps in the service that does them. Each is recorded in the transaction of its effect, so that a repetition has none, and
/// so that a step that arrives after its compensation (it was slow, its caller gave up) is refused.
/// </summary>
public static class SagaSteps
{
    /// <summary>Header with the saga's id, on each step and compensation.</summary>
    public const string Header = "Saga-Id";

    /// <summary>Adds the table of steps to a model.</summary>
    public static ModelBuilder AddSagaSteps(this ModelBuilder model) => model.Entity<SagaStep>(step =>
    {
        step.ToTable("saga_steps");
        step.HasKey(s => s.SagaId);
        step.Property(s => s.SagaId).ValueGeneratedNever();
        step.Property(s => s.Before).HasColumnType("jsonb");
    });

    /// <summary>Begins a step in the current transaction; a step or compensation of the same saga that comes meanwhile waits for its end.</summary>
    public static async Task<SagaStepState> BeginStepAsync(this DbContext db, Guid sagaId, DateTimeOffset now, CancellationToken cancel)
    {
        var isNew = await db.Database.ExecuteSqlAsync($"""
            insert into saga_steps (saga_id, is_undone, at) values ({sagaId}, false, {now})
            on conflict do nothing
            """, cancel) == 1;
        if (isNew)
            return SagaStepState.New;

        return await db.Set<SagaStep>().Where(step => step.SagaId == sagaId).Select(step => step.IsUndone).SingleAsync(cancel)
            ? SagaStepState.Undone
            : SagaStepState.Repeated;
    }

    /// <summary>Keeps what undoing the step that was begun will need.</summary>
    public static Task RememberAsync<TBefore>(this DbContext db, Guid sagaId, TBefore before, CancellationToken cancel)
    {
        var json = JsonSerializer.Serialize(before, MessageJson.Options);

        return db.Set<SagaStep>().Where(step => step.SagaId == sagaId)
            .ExecuteUpdateAsync(step => step.SetProperty(s => s.Before, json), cancel);
    }

    /// <summary>Marks a saga's step as undone in the current transaction; null when there is nothing to undo, now or ever.</summary>
    public static async Task<SagaStep?> UndoStepAsync(this DbContext db, Guid sagaId, DateTimeOffset now, CancellationToken cancel)
    {
        var wasNeverDone = await db.Database.ExecuteSqlAsync($"""
            insert into saga_steps (saga_id, is_undone, at) values ({sagaId}, true, {now})
            on conflict do nothing
            """, cancel) == 1;
        if (wasNeverDone)
            return null;

        // One statement decides who of two undoes it.
        var undone = await db.Database.ExecuteSqlAsync($"""
            update saga_steps set is_undone = true where saga_id = {sagaId} and not is_undone
            """, cancel) == 1;

        return undone ? await db.Set<SagaStep>().AsNoTracking().SingleAsync(step => step.SagaId == sagaId, cancel) : null;
    }

    /// <summary>Reads what <see cref="RememberAsync"/> kept.</summary>
    public static TBefore? Remembered<TBefore>(this SagaStep step) =>
        step.Before is null ? default : JsonSerializer.Deserialize<TBefore>(step.Before, MessageJson.Options);
}
