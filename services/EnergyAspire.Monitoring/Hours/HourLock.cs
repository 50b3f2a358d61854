using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Hours;

/// <summary>
/// Prevents batches from adding to hours while hours are recounted from raw readings. Batches hold a shared lock, so any number run at once. A
/// recount holds the exclusive lock: it waits for running batches and blocks new ones until it commits.
/// </summary>
internal static class HourLock
{
    internal const string Share = "select pg_advisory_xact_lock_shared(hashtext('hours'))";

    private const string Hold = "select pg_advisory_xact_lock(hashtext('hours'))";

    /// <summary>Takes the exclusive lock until the transaction ends. Call it before reading anything that the recount depends on.</summary>
    public static Task HoldHoursAsync(this DbContext db, CancellationToken cancel) => db.Database.ExecuteSqlRawAsync(Hold, cancel);
}
