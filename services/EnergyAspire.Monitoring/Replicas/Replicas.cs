namespace EnergyAspire.Monitoring.Replicas;

/// <summary>This service's copy of an account, kept up by events.</summary>
public sealed class UserReplica
{
    /// <summary>Account id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Sign-in name; empty on a tombstone.</summary>
    public required string Username { get; init; }

    /// <summary><c>admin</c> or <c>client</c>; empty on a tombstone.</summary>
    public required string Role { get; init; }

    /// <summary>Tokens of an earlier generation are worthless.</summary>
    public long TokenGeneration { get; init; }

    /// <summary>Version of the account that this row shows; older events have no effect.</summary>
    public required long Version { get; init; }

    /// <summary>Tombstone: the account is gone, and a late event can't bring it back.</summary>
    public required bool IsDeleted { get; init; }
}

/// <summary>This service's copy of a device, kept up by events.</summary>
public sealed class DeviceReplica
{
    /// <summary>Device id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Name for people.</summary>
    public required string Name { get; init; }

    /// <summary>Free text, may be empty.</summary>
    public required string Description { get; init; }

    /// <summary>Limit in kWh per clock hour.</summary>
    public required decimal MaxConsumption { get; init; }

    /// <summary>Price per kWh; null when unknown.</summary>
    public decimal? Price { get; init; }

    /// <summary>IANA zone of the site; hours and days of the device are clock hours and days there.</summary>
    public required string TimeZone { get; init; }

    /// <summary>Seconds between two readings.</summary>
    public required int ReportingIntervalSeconds { get; init; }

    /// <summary>Newest version of the device that is known of: whether it is deleted.</summary>
    public required long Version { get; init; }

    /// <summary>
    /// Version of the device whose name, limit, zone and other values this row shows; 0 before any came. The event of a deletion carries no
    /// values: it raises <see cref="Version"/> alone. Values that are newer than this version are still taken over after such an event, so
    /// that the last ones are kept whatever order the events come in.
    /// </summary>
    public long StateVersion { get; init; }

    /// <summary>Tombstone: the device is gone. Its consumption stays visible to admins.</summary>
    public required bool IsDeleted { get; init; }
}

/// <summary>This service's copy of who may see a device, kept up by events.</summary>
public sealed class MappingReplica
{
    /// <summary>Account that may see the device.</summary>
    public required Guid UserId { get; init; }

    /// <summary>Device to be seen.</summary>
    public required Guid DeviceId { get; init; }

    /// <summary>Version of the mapping that this row shows; older events have no effect.</summary>
    public required long Version { get; init; }

    /// <summary>False is the tombstone of a mapping that was taken away.</summary>
    public required bool IsAssigned { get; init; }
}
