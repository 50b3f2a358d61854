using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Readings;

/// <summary>
/// Keeps counting readings into hours apart from counting hours anew from raw readings: any number of batches count at once, a recount
/// waits for those under way and holds back the next ones until it is committed.
/// </summary>
internal static class HourLock
{
    internal const string Share = "select pg_advisory_xact_lock_shared(hashtext('hours'))";

    private const string Hold = "select pg_advisory_xact_lock(hashtext('hours'))";

    /// <summary>Lets no batch be counted until the transaction ends. Take it before reading anything that the recount depends on.</summary>
    public static Task HoldHoursAsync(this DbContext db, CancellationToken cancel) => db.Database.ExecuteSqlRawAsync(Hold, cancel);
}
