using EnergyAspire.Contracts;
using NpgsqlTypes;

namespace EnergyAspire.Devices.Mappings;

/// <summary>
/// When a device belonged to an account. The row is kept when the device is unassigned: the account still sees what was measured while the device
/// belonged to it, and the version keeps growing.
/// </summary>
public sealed class Mapping
{
    /// <summary>Account that may see the device. It and <see cref="DeviceId"/> are the primary key.</summary>
    public required Guid UserId { get; init; }

    /// <summary>Device that the account may see.</summary>
    public required Guid DeviceId { get; init; }

    /// <summary>Id of the assignment in the API; a new one when the device is assigned again.</summary>
    public required Guid Id { get; set; }

    /// <summary>False on the tombstone of a removed assignment.</summary>
    public bool IsAssigned { get; set; } = true;

    /// <summary>When the device was last assigned.</summary>
    public required DateTimeOffset AssignedAt { get; set; }

    /// <summary>
    /// Periods in which the device belonged to the account, sorted and disjoint. Replaced, never changed in place. A replica of the former version,
    /// which knows no periods, changes only <see cref="IsAssigned"/>; <see cref="CurrentPeriods"/> makes up for that.
    /// </summary>
    public NpgsqlRange<DateTimeOffset>[] Periods { get; set; } = [MappingPeriods.Always];

    /// <summary>Grows by one with each change; events carry it.</summary>
    public long Version { get; set; } = 1;

    /// <summary>The event that announces the assignment.</summary>
    public DeviceAssigned Assigned() => new(UserId, DeviceId, ToldPeriods());

    /// <summary>The mapping as services with replicas of mappings read it.</summary>
    public MappingState ToState() => new(UserId, DeviceId, Version, IsAssigned, ToldPeriods());

    /// <summary>The periods as events and the API carry them.</summary>
    public IReadOnlyList<MappingPeriod> ToldPeriods() => CurrentPeriods().ToContract();

    /// <summary><see cref="Periods"/>, with the last one open exactly when <see cref="IsAssigned"/>.</summary>
    internal NpgsqlRange<DateTimeOffset>[] CurrentPeriods() =>
        !IsAssigned ? Array.FindAll(Periods, period => !period.UpperBoundInfinite)
        : Periods is [.., { UpperBoundInfinite: true }] ? Periods
        : [.. Periods, MappingPeriods.Range(AssignedAt, until: null)];

    /// <summary>The event that announces its end.</summary>
    public DeviceUnassigned Unassigned() => new(UserId, DeviceId, ToldPeriods());
}
