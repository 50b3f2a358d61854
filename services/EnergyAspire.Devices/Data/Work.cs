using EnergyAspire.ServiceDefaults.Audit;

namespace EnergyAspire.Devices.Data;

/// <summary>What a change needs: where it is made, when, and by whom.</summary>
/// <param name="Db">Context that holds the change, its events and its audit records.</param>
/// <param name="Now">When; whole microseconds, as the database keeps them.</param>
/// <param name="Actor">Who.</param>
public sealed record Work(DeviceDbContext Db, DateTimeOffset Now, AuditActor Actor)
{
    /// <summary>Begins work in somebody's name.</summary>
    public static Work Begin(DeviceDbContext db, TimeProvider time, AuditActor actor)
    {
        var now = time.GetUtcNow();
        return new Work(db, now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond)), actor);
    }
}
