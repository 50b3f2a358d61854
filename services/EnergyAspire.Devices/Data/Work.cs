using EnergyAspire.Data.Audit;

namespace EnergyAspire.Devices.Data;

/// <summary>The dependencies of a change. The context holds the change, its events and its audit records until they are saved together.</summary>
/// <param name="Now">Time of the change in whole microseconds, the precision of the database.</param>
/// <param name="Actor">Who makes the change.</param>
public sealed record Work(DeviceDbContext Db, DateTimeOffset Now, AuditActor Actor)
{
    /// <summary>Creates the dependencies of a change by an actor.</summary>
    public static Work Begin(DeviceDbContext db, TimeProvider time, AuditActor actor) => new(db, time.GetUtcNow().ToStored(), actor);
}
