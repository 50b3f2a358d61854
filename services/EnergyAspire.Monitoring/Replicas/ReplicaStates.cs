namespace EnergyAspire.Monitoring.Replicas;

/// <summary>A state of something that this service copies, as its source tells it.</summary>
/// <typeparam name="TKey">What identifies it.</typeparam>
public interface IReplicaState<out TKey>
{
    /// <summary>What identifies it.</summary>
    TKey Key { get; }

    /// <summary>Version of the state; a lower one is older.</summary>
    long Version { get; }
}

/// <summary>An account.</summary>
/// <param name="Id">Account id.</param>
/// <param name="Username">Sign-in name.</param>
/// <param name="Role"><c>admin</c> or <c>client</c>.</param>
/// <param name="TokenGeneration">Tokens of an earlier generation are worthless.</param>
/// <param name="Version">Version of the account.</param>
public sealed record UserState(Guid Id, string Username, string Role, long TokenGeneration, long Version) : IReplicaState<Guid>
{
    /// <inheritdoc />
    public Guid Key => Id;
}

/// <summary>A device.</summary>
/// <param name="Id">Device id.</param>
/// <param name="Name">Name for people.</param>
/// <param name="Description">Free text, may be empty.</param>
/// <param name="MaxConsumption">Limit in kWh per clock hour.</param>
/// <param name="TimeZone">IANA zone of the site.</param>
/// <param name="ReportingIntervalSeconds">Seconds between two readings.</param>
/// <param name="Version">Version of the device.</param>
/// <param name="Price">Price per kWh; null when unknown.</param>
public sealed record DeviceState(
    Guid Id, string Name, string Description, decimal MaxConsumption, string TimeZone, int ReportingIntervalSeconds, long Version, decimal? Price = null)
    : IReplicaState<Guid>
{
    /// <inheritdoc />
    public Guid Key => Id;

    /// <summary>Why every reading of the device would fail; null when none would.</summary>
    public string? Fault =>
        !TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out _) ? $"The device's time zone '{TimeZone}' is unknown."
        : ReportingIntervalSeconds <= 0 ? $"The device's reporting interval of {ReportingIntervalSeconds} seconds is not positive."
        : null;
}

/// <summary>A mapping that is in force.</summary>
/// <param name="UserId">Account that may see the device.</param>
/// <param name="DeviceId">Device to be seen.</param>
/// <param name="Version">Version of the mapping.</param>
public sealed record MappingState(Guid UserId, Guid DeviceId, long Version) : IReplicaState<(Guid UserId, Guid DeviceId)>
{
    /// <inheritdoc />
    public (Guid UserId, Guid DeviceId) Key => (UserId, DeviceId);
}
