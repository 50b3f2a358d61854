using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace EnergyAspire.Messaging.Sagas;

/// <summary>
/// A saga's steps in the service that does them. Each is recorded in the transaction of its effect, so that a repetition has none, and
/// so that a step that arrives after its compensation (it was slow, its caller gave up) is refused.
/// </summary>
public static class SagaSteps
{
    /// <summary>Header with the saga's id, on each step and compensation.</summary>
    public const string Header = "Saga-Id";

    /// <summary>How long steps are remembered: much longer than a saga may run and its messages may come late.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromDays(30);

    /// <summary>Adds the table of steps to a model.</summary>
    public static ModelBuilder AddSagaSteps(this ModelBuilder model) => model.Entity<SagaStep>(step =>
    {
        step.ToTable("saga_steps");
        step.HasKey(s => s.SagaId);
        step.Property(s => s.SagaId).ValueGeneratedNever();
        step.Property(s => s.Before).HasColumnType("jsonb");
        step.HasIndex(s => s.Subject);
        step.HasIndex(s => s.At);
    });

    /// <summary>Removes steps that no saga can ask for any more, every hour.</summary>
    public static IHostApplicationBuilder AddSagaStepCleaning<TContext>(this IHostApplicationBuilder builder)
        where TContext : DbContext
    {
        builder.Services.AddHostedService<SagaStepCleaner<TContext>>();
        return builder;
    }

    /// <summary>Begins a step in the current transaction; a step or compensation of the same saga that comes meanwhile waits for its end.</summary>
    /// <param name="db">Context inside the transaction.</param>
    /// <param name="sagaId">Saga that asks.</param>
    /// <param name="subject">What the step is about.</param>
    /// <param name="now">Time.</param>
    /// <param name="cancel">Set when the caller goes away.</param>
    public static async Task<SagaStepState> BeginStepAsync(this DbContext db, Guid sagaId, Guid subject, DateTimeOffset now, CancellationToken cancel)
    {
        var isNew = await db.Database.ExecuteSqlAsync($"""
            insert into saga_steps (saga_id, subject, is_undone, at) values ({sagaId}, {subject}, false, {now})
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
    public static async Task<SagaStep?> UndoStepAsync(this DbContext db, Guid sagaId, Guid subject, DateTimeOffset now, CancellationToken cancel)
    {
        var wasNeverDone = await db.Database.ExecuteSqlAsync($"""
            insert into saga_steps (saga_id, subject, is_undone, at) values ({sagaId}, {subject}, true, {now})
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

    /// <summary>Forgets what undoing the steps about a subject would need, once it is gone for good; the steps themselves stay refused.</summary>
    public static Task ForgetStepsAsync(this DbContext db, Guid subject, CancellationToken cancel) =>
        db.Set<SagaStep>().Where(step => step.Subject == subject && step.Before != null)
            .ExecuteUpdateAsync(step => step.SetProperty(s => s.Before, (string?)null), cancel);

    /// <summary>Reads what <see cref="RememberAsync"/> kept.</summary>
    public static TBefore? Remembered<TBefore>(this SagaStep step) =>
        step.Before is null ? default : JsonSerializer.Deserialize<TBefore>(step.Before, MessageJson.Options);
}
