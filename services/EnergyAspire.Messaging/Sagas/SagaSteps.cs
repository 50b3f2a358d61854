using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace EnergyAspire.Messaging.Sagas;

/// <summary>
/// Makes saga steps idempotent in the service that executes them. Each step is recorded in the transaction of its effect, so a repetition has no
/// effect. A step that arrives after its compensation, because it was slow and its caller gave up, is refused.
/// </summary>
public static class SagaSteps
{
    /// <summary>Header with the saga's id, on each step and compensation.</summary>
    public const string Header = "Saga-Id";

    /// <summary>How long records of steps are kept: much longer than a saga may run and its messages may be delayed.</summary>
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

    /// <summary>Adds the hourly removal of old steps.</summary>
    public static IHostApplicationBuilder AddSagaStepCleaning<TContext>(this IHostApplicationBuilder builder)
        where TContext : DbContext
    {
        builder.Services.AddHostedService<SagaStepCleaner<TContext>>();
        return builder;
    }

    /// <summary>
    /// Records a step in the current transaction. A concurrent step or compensation of the same saga waits until the transaction ends.
    /// </summary>
    /// <param name="sagaId">Saga that the step belongs to.</param>
    /// <param name="subject">Account that the step is about.</param>
    /// <param name="now">Time.</param>
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

    /// <summary>Stores the data that compensating the recorded step will need.</summary>
    public static Task RememberAsync<TBefore>(this DbContext db, Guid sagaId, TBefore before, CancellationToken cancel)
    {
        var json = JsonSerializer.Serialize(before, MessageJson.Options);

        return db.Set<SagaStep>().Where(step => step.SagaId == sagaId)
            .ExecuteUpdateAsync(step => step.SetProperty(s => s.Before, json), cancel);
    }

    /// <summary>
    /// Marks a saga's step as undone in the current transaction and returns it; null when it was never done or is undone already. A step that was
    /// never done is refused from then on.
    /// </summary>
    public static async Task<SagaStep?> UndoStepAsync(this DbContext db, Guid sagaId, Guid subject, DateTimeOffset now, CancellationToken cancel)
    {
        var wasNeverDone = await db.Database.ExecuteSqlAsync($"""
            insert into saga_steps (saga_id, subject, is_undone, at) values ({sagaId}, {subject}, true, {now})
            on conflict do nothing
            """, cancel) == 1;
        if (wasNeverDone)
            return null;

        // The conditional update lets only one of two concurrent compensations undo the step.
        var undone = await db.Database.ExecuteSqlAsync($"""
            update saga_steps set is_undone = true where saga_id = {sagaId} and not is_undone
            """, cancel) == 1;

        return undone ? await db.Set<SagaStep>().AsNoTracking().SingleAsync(step => step.SagaId == sagaId, cancel) : null;
    }

    /// <summary>
    /// Deletes the compensation data of all steps about a subject, once the subject is permanently deleted. The records of the steps stay, so
    /// repetitions are still refused.
    /// </summary>
    public static Task ForgetStepsAsync(this DbContext db, Guid subject, CancellationToken cancel) =>
        db.Set<SagaStep>().Where(step => step.Subject == subject && step.Before != null)
            .ExecuteUpdateAsync(step => step.SetProperty(s => s.Before, (string?)null), cancel);

    /// <summary>Reads the data that <see cref="RememberAsync"/> stored.</summary>
    public static TBefore? Remembered<TBefore>(this SagaStep step) =>
        step.Before is null ? default : JsonSerializer.Deserialize<TBefore>(step.Before, MessageJson.Options);
}
