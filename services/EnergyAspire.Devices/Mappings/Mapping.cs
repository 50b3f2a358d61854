using EnergyAspire.Contracts;

namespace EnergyAspire.Devices.Mappings;

/// <summary>Whether a person may see a device. The row is kept when the device is taken away, so that its version keeps growing.</summary>
public sealed class Mapping
{
    /// <summary>Account that may see the device; with <see cref="DeviceId"/> the key.</summary>
    public required Guid UserId { get; init; }

    /// <summary>Device to be seen.</summary>
    public required Guid DeviceId { get; init; }

    /// <summary>Id of the assignment in the API; a new one when the device is assigned again.</summary>
    public required Guid Id { get; set; }

    /// <summary>False is the tombstone of an assignment that was taken back.</summary>
    public bool IsAssigned { get; set; } = true;

    /// <summary>When the device was last assigned.</summary>
    public required DateTimeOffset AssignedAt { get; set; }

    /// <summary>Grows by one with each change; events carry it.</summary>
    public long Version { get; set; } = 1;

    /// <summary>The event that announces the assignment.</summary>
    public DeviceAssigned Assigned() => new(UserId, DeviceId);

    /// <summary>The event that announces its end.</summary>
    public DeviceUnassigned Unassigned() => new(UserId, DeviceId);
}
