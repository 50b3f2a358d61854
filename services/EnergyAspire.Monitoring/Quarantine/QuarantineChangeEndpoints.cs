using EnergyAspire.Data.Audit;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Readings;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Quarantine;

/// <summary>Endpoints that retry and discard quarantined readings. Each transaction writes an audit record.</summary>
public static class QuarantineChangeEndpoints
{
    internal static void MapQuarantineChanges(this RouteGroupBuilder quarantine)
    {
        quarantine.MapPost("/{id:guid}/replay", ReplayReading);
        quarantine.MapPost("/{id:guid}/discard", DiscardReading);
        quarantine.MapPost("/{id:guid}/accept", AcceptReading).ProducesProblem(StatusCodes.Status409Conflict);
        quarantine.MapPost("/replay", ReplayReadings);
        quarantine.MapPost("/discard", DiscardReadings);
    }

    /// <summary>Retries a reading, even a discarded one. If it is refused again, it stays in quarantine with the new reason, not discarded.</summary>
    /// <param name="id">Id of the reading.</param>
    /// <response code="200">The reading was retried; <c>outcome</c> is the result.</response>
    /// <response code="404">There is no such reading in quarantine.</response>
    public static async Task<Results<Ok<ReplayAnswer>, NotFound>> ReplayReading(
        Guid id, QuarantineReplay replay, ReadingParser parser, MonitoringDbContext db, TimeProvider time, HttpContext http,
        CancellationToken cancel)
    {
        if (await db.FindQuarantinedAsync(id, cancel) is not { } reading)
            return TypedResults.NotFound();

        var result = await replay.ReplayAsync(db, [reading], evenDiscarded: true, Audit, cancel);
        if (result.Replayed == 0)
            return TypedResults.NotFound();
        if (result.Quarantined == 0)
            return TypedResults.Ok(Settled(result));

        var refused = await db.FindQuarantinedAsync(id, cancel);
        return TypedResults.Ok(new ReplayAnswer(
            reading.DiscardedAt is null ? "The reading was not accepted and stays in quarantine." : "The reading was not accepted, and is open again.",
            Outcome(result), refused is null ? null : ListedReading.From(refused, parser)));

        void Audit(ReplayResult outcome) => db.Audit(
            http.Actor(), "reading_replayed", time.GetUtcNow(), deviceId: reading.DeviceId, before: QuarantineFacts.Of(reading),
            after: new { Outcome = Outcome(outcome) });
    }

    /// <summary>
    /// Accepts a register reading that doesn't continue from the one before, with a decision about the energy between them. Readings after it that are
    /// unclear are judged anew.
    /// </summary>
    /// <param name="id">Id of the reading.</param>
    /// <param name="acceptance" example='{"as":"reset"}'>The decision.</param>
    /// <response code="200">The reading was tried with this decision; <c>outcome</c> is the result.</response>
    /// <response code="404">There is no such reading in quarantine.</response>
    /// <response code="409">The reading is in quarantine for another reason.</response>
    public static async Task<Results<Ok<ReplayAnswer>, NotFound, ValidationProblem, ProblemHttpResult>> AcceptReading(
        Guid id, RegisterAcceptance acceptance, QuarantineReplay replay, ReadingParser parser, MonitoringDbContext db, TimeProvider time, HttpContext http,
        CancellationToken cancel)
    {
        if (acceptance.Decision is not { } decision)
            return RegisterAcceptance.Problem;
        if (await db.FindQuarantinedAsync(id, cancel) is not { } reading)
            return TypedResults.NotFound();
        if (reading.Reason != QuarantineReason.RegisterUnclear)
            return TypedResults.Problem("Only register readings that don't continue from the one before can be accepted.", statusCode: StatusCodes.Status409Conflict);

        var result = await replay.ReplayAsync(db, [reading], evenDiscarded: true, Audit, cancel, decision);
        if (result.Replayed == 0)
            return TypedResults.NotFound();
        if (result.Quarantined == 0)
            return TypedResults.Ok(Settled(result));

        var refused = await db.FindQuarantinedAsync(id, cancel);
        return TypedResults.Ok(new ReplayAnswer(
            "The reading was not accepted and stays in quarantine.", Outcome(result), refused is null ? null : ListedReading.From(refused, parser)));

        void Audit(ReplayResult outcome) => db.Audit(
            http.Actor(), "reading_accepted", time.GetUtcNow(), deviceId: reading.DeviceId, before: QuarantineFacts.Of(reading),
            after: new { Outcome = Outcome(outcome), acceptance.As });
    }

    /// <summary>
    /// Discards a reading: it is no longer retried automatically. It stays in quarantine and in the ledger. Idempotent.
    /// </summary>
    /// <param name="id">Id of the reading.</param>
    /// <response code="200">The reading is discarded.</response>
    /// <response code="404">There is no such reading in quarantine.</response>
    public static async Task<Results<Ok<ListedReading>, NotFound>> DiscardReading(
        Guid id, ReadingParser parser, MonitoringDbContext db, TimeProvider time, HttpContext http, CancellationToken cancel)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await db.HoldQuarantineAsync(cancel);
        // A batch of register readings may be about to store it.
        if (await db.Quarantine.FromSql($"select * from quarantined_readings where id = {id} for update").SingleOrDefaultAsync(cancel) is not { } reading)
            return TypedResults.NotFound();

        if (reading.DiscardedAt is null)
        {
            var before = QuarantineFacts.Of(reading);
            reading.DiscardedAt = Now(time);
            db.Audit(
                http.Actor(), "reading_discarded", reading.DiscardedAt.Value, deviceId: reading.DeviceId, before: before,
                after: QuarantineFacts.Of(reading));
            await db.SaveChangesAsync(cancel);
            await transaction.CommitAsync(cancel);
        }

        return TypedResults.Ok(ListedReading.From(reading, parser));
    }

    /// <summary>Retries several readings in transactions of at most 1000. If the caller disconnects, committed transactions remain.</summary>
    /// <param name="choice" example='{"reason":"conflicting_duplicate","device_id":"00000000-0000-7000-8000-0000000000d1"}'>Readings to retry.</param>
    /// <response code="200">The readings were retried.</response>
    public static async Task<Results<Ok<ReplaysAnswer>, ValidationProblem>> ReplayReadings(
        QuarantineChoice choice, QuarantineReplay replay, MonitoringDbContext db, TimeProvider time, HttpContext http, CancellationToken cancel)
    {
        if (!choice.IsValid(out var problem))
            return problem;

        var total = ReplayResult.None;
        await foreach (var readings in db.BatchesAsync(choice, time.GetUtcNow(), cancel))
        {
            total = total.Plus(await replay.ReplayAsync(
                db, readings, evenDiscarded: choice.Ids is not null,
                result => db.Audit(
                    http.Actor(), "readings_replayed", time.GetUtcNow(), deviceId: choice.DeviceId, before: QuarantineFacts.Of(readings, choice),
                    after: result),
                cancel));
        }

        var (stored, duplicates, quarantined) = total;
        return TypedResults.Ok(new ReplaysAnswer(
            $"{total.Replayed} readings were tried again: {stored} stored, {duplicates} duplicates, {quarantined} still in quarantine.",
            total.Replayed, stored, duplicates, quarantined));
    }

    /// <summary>Discards several readings in transactions of at most 1000. They stay in quarantine and in the ledger.</summary>
    /// <param name="choice" example='{"reason":"malformed"}'>Readings to discard.</param>
    /// <response code="200">The readings are discarded.</response>
    public static async Task<Results<Ok<DiscardsAnswer>, ValidationProblem>> DiscardReadings(
        QuarantineChoice choice, MonitoringDbContext db, TimeProvider time, HttpContext http, CancellationToken cancel)
    {
        if (!choice.IsValid(out var problem))
            return problem;

        var total = 0;
        await foreach (var readings in db.BatchesAsync(choice, time.GetUtcNow(), cancel))
        {
            var (ids, now) = (readings.ConvertAll(reading => reading.Id), Now(time));
            await using var transaction = await db.Database.BeginTransactionAsync(cancel);
            await db.HoldQuarantineAsync(cancel);
            var discarded = await db.Quarantine
                .Where(reading => ids.Contains(reading.Id) && reading.DiscardedAt == null)
                .ExecuteUpdateAsync(reading => reading.SetProperty(r => r.DiscardedAt, now), cancel);
            if (discarded == 0)
                continue;

            db.Audit(
                http.Actor(), "readings_discarded", now, deviceId: choice.DeviceId, before: QuarantineFacts.Of(readings, choice),
                after: new { Discarded = discarded, DiscardedAt = now });
            await db.SaveChangesAsync(cancel);
            await transaction.CommitAsync(cancel);
            total += discarded;
        }

        return TypedResults.Ok(new DiscardsAnswer($"{total} readings are discarded.", total));
    }

    /// <summary>
    /// Reads the chosen readings that had arrived by a time, oldest first. The time limit makes the loop end although new readings arrive.
    /// </summary>
    private static async IAsyncEnumerable<List<QuarantinedReading>> BatchesAsync(
        this MonitoringDbContext db, QuarantineChoice choice, DateTimeOffset until,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        var last = Guid.Empty;
        while (true)
        {
            var readings = await db.Quarantine.AsNoTracking()
                .Matching(choice, db)
                .Where(reading => reading.Id > last && reading.ReceivedAt <= until)
                .OrderBy(reading => reading.Id)
                .Take(QuarantineReplay.BatchSize)
                .ToListAsync(cancel);
            if (readings.Count == 0)
                yield break;

            last = readings[^1].Id;
            yield return readings;
        }
    }

    private static Task<QuarantinedReading?> FindQuarantinedAsync(this MonitoringDbContext db, Guid id, CancellationToken cancel) =>
        db.Quarantine.AsNoTracking().SingleOrDefaultAsync(reading => reading.Id == id, cancel);

    private static ReplayAnswer Settled(ReplayResult result) => new(
        result.Stored == 1 ? "The reading is stored." : "The reading was stored before with the same value.", Outcome(result), Reading: null);

    private static string Outcome(ReplayResult result) => result switch
    {
        { Stored: 1 } => "stored",
        { Duplicates: 1 } => "duplicate",
        _ => "quarantined",
    };

    /// <summary>Returns the current time in the database's precision, so that a repeated request gets the same answer.</summary>
    private static DateTimeOffset Now(TimeProvider time)
    {
        var now = time.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }
}

/// <summary>Contents of audit records about quarantined readings.</summary>
internal static class QuarantineFacts
{
    public static object Of(QuarantinedReading reading) => new { reading.Id, reading.Reason, reading.Detail, reading.ReceivedAt, reading.DiscardedAt };

    public static object Of(List<QuarantinedReading> readings, QuarantineChoice choice) =>
        new { choice.Reason, choice.DeviceId, Ids = readings.ConvertAll(reading => reading.Id) };
}
