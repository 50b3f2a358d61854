using EnergyAspire.Contracts;
using EnergyAspire.Monitoring.Data;

namespace EnergyAspire.Monitoring.Replicas;

/// <summary>Applies events to the copies, see <see cref="ICopies{TKey, TState}"/>.</summary>
public static class ReplicaHandlers
{
    /// <summary>Shows a new account.</summary>
    public static Task Apply(EventEnvelope<UserCreated> envelope, MonitoringDbContext db, CancellationToken cancel)
    {
        var (id, username, role, generation) = envelope.Data;
        return UserCopies.Instance.ShowAsync(db, [new UserState(id, username, role, generation, envelope.Version)], cancel);
    }

    /// <summary>Shows an account's new name or role, and makes its earlier tokens worthless.</summary>
    public static Task Apply(EventEnvelope<UserUpdated> envelope, MonitoringDbContext db, CancellationToken cancel)
    {
        var (id, username, role, generation) = envelope.Data;
        return UserCopies.Instance.ShowAsync(db, [new UserState(id, username, role, generation, envelope.Version)], cancel);
    }

    /// <summary>Leaves a tombstone of the account.</summary>
    public static Task Apply(EventEnvelope<UserDeleted> envelope, MonitoringDbContext db, CancellationToken cancel) =>
        UserCopies.Instance.BuryAsync(db, [(envelope.Data.Id, envelope.Version)], cancel);

    /// <summary>Shows a new device.</summary>
    public static Task Apply(EventEnvelope<DeviceCreated> envelope, MonitoringDbContext db, CancellationToken cancel)
    {
        var (id, name, description, maxConsumption, price, timeZone, interval) = envelope.Data;
        return ShowAsync(db, new DeviceState(id, name, description, maxConsumption, timeZone, interval, envelope.Version, price), cancel);
    }

    /// <summary>Shows a device's new state.</summary>
    public static Task Apply(EventEnvelope<DeviceUpdated> envelope, MonitoringDbContext db, CancellationToken cancel)
    {
        var (id, name, description, maxConsumption, price, timeZone, interval) = envelope.Data;
        return ShowAsync(db, new DeviceState(id, name, description, maxConsumption, timeZone, interval, envelope.Version, price), cancel);
    }

    /// <summary>Leaves a tombstone of the device.</summary>
    public static Task Apply(EventEnvelope<DeviceDeleted> envelope, MonitoringDbContext db, CancellationToken cancel) =>
        DeviceCopies.Instance.BuryAsync(db, [(envelope.Data.Id, envelope.Version)], cancel);

    /// <summary>Lets a person see a device.</summary>
    public static Task Apply(EventEnvelope<DeviceAssigned> envelope, MonitoringDbContext db, CancellationToken cancel) =>
        MappingCopies.Instance.ShowAsync(db, [new MappingState(envelope.Data.UserId, envelope.Data.DeviceId, envelope.Version)], cancel);

    /// <summary>Takes the sight of a device away.</summary>
    public static Task Apply(EventEnvelope<DeviceUnassigned> envelope, MonitoringDbContext db, CancellationToken cancel) =>
        MappingCopies.Instance.BuryAsync(db, [((envelope.Data.UserId, envelope.Data.DeviceId), envelope.Version)], cancel);

    // Every reading of the device would fail on some values, so that event goes to the dead letters instead.
    private static Task<List<bool>> ShowAsync(MonitoringDbContext db, DeviceState device, CancellationToken cancel) => device.Fault is { } fault
        ? throw new FormatException(fault)
        : DeviceCopies.Instance.ShowAsync(db, [device], cancel);
}
