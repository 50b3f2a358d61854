using EnergyAspire.Contracts;
using EnergyAspire.Monitoring.Budgets;
using EnergyAspire.Monitoring.Data;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Replicas;

/// <summary>Applies events to the replicas.</summary>
public static class ReplicaHandlers
{
    /// <summary>Adds the replica of a new account.</summary>
    public static Task Apply(EventEnvelope<UserCreated> envelope, MonitoringDbContext db, CancellationToken cancel)
    {
        var (id, username, role, generation) = envelope.Data;
        return UserReplicas.Table.ShowAsync(db, [new UserState(id, username, role, generation, envelope.Version)], cancel);
    }

    /// <summary>Updates an account's name and role, and invalidates its earlier tokens.</summary>
    public static Task Apply(EventEnvelope<UserUpdated> envelope, MonitoringDbContext db, CancellationToken cancel)
    {
        var (id, username, role, generation) = envelope.Data;
        return UserReplicas.Table.ShowAsync(db, [new UserState(id, username, role, generation, envelope.Version)], cancel);
    }

    /// <summary>Replaces the account's replica by a tombstone, and removes the account's budgets.</summary>
    public static async Task Apply(EventEnvelope<UserDeleted> envelope, MonitoringDbContext db, CancellationToken cancel)
    {
        await UserReplicas.Table.BuryAsync(db, [(envelope.Data.Id, envelope.Version)], cancel);
        await db.RemoveBudgetsOfUsersAsync([envelope.Data.Id], cancel);
    }

    /// <summary>Adds the replica of a new device.</summary>
    public static Task Apply(EventEnvelope<DeviceCreated> envelope, MonitoringDbContext db, CancellationToken cancel)
    {
        var (id, name, description, maxConsumption, price, timeZone, interval) = envelope.Data;
        return ShowAsync(db, new DeviceState(id, name, description, maxConsumption, timeZone, interval, envelope.Version, price)
        {
            Settings = envelope.Data.Settings,
            Meters = envelope.Data.Meters,
            RegisterDigits = envelope.Data.RegisterDigits,
            Tariffs = envelope.Data.Tariffs,
            Direction = envelope.Data.Direction,
            FeedInOf = envelope.Data.FeedInOf,
            ExistsFrom = envelope.Data.ExistsFrom,
        }, cancel);
    }

    /// <summary>Updates the replica of a device.</summary>
    public static Task Apply(EventEnvelope<DeviceUpdated> envelope, MonitoringDbContext db, CancellationToken cancel)
    {
        var (id, name, description, maxConsumption, price, timeZone, interval) = envelope.Data;
        return ShowAsync(db, new DeviceState(id, name, description, maxConsumption, timeZone, interval, envelope.Version, price)
        {
            Settings = envelope.Data.Settings,
            Meters = envelope.Data.Meters,
            RegisterDigits = envelope.Data.RegisterDigits,
            Tariffs = envelope.Data.Tariffs,
            Direction = envelope.Data.Direction,
            FeedInOf = envelope.Data.FeedInOf,
            ExistsFrom = envelope.Data.ExistsFrom,
        }, cancel);
    }

    /// <summary>Replaces the device's replica by a tombstone.</summary>
    public static async Task Apply(EventEnvelope<DeviceDeleted> envelope, MonitoringDbContext db, CancellationToken cancel)
    {
        var (id, at) = (envelope.Data.Id, envelope.OccurredAt);
        await DeviceReplicas.Table.BuryAsync(db, [(id, envelope.Version)], cancel);
        await db.Devices.Where(device => device.Id == id && device.IsDeleted).ExecuteUpdateAsync(set => set.SetProperty(device => device.DeletedAt, at), cancel);
        await db.RemoveBudgetsOfDevicesAsync([id], cancel);
    }

    /// <summary>Grants an account access to a device.</summary>
    public static Task Apply(EventEnvelope<DeviceAssigned> envelope, MonitoringDbContext db, CancellationToken cancel)
    {
        var (user, device, periods) = envelope.Data;
        return MappingReplicas.Table.ShowAsync(db, [new MappingState(user, device, envelope.Version, IsAssigned: true, periods)], cancel);
    }

    /// <summary>Ends an account's access to a device. What was measured before stays visible.</summary>
    public static Task Apply(EventEnvelope<DeviceUnassigned> envelope, MonitoringDbContext db, CancellationToken cancel)
    {
        var (user, device, periods) = envelope.Data;
        return MappingReplicas.Table.ShowAsync(db, [new MappingState(user, device, envelope.Version, IsAssigned: false, periods)], cancel);
    }

    /// <summary>Adds or updates the replica of a tariff.</summary>
    public static Task Apply(EventEnvelope<TariffUpdated> envelope, MonitoringDbContext db, CancellationToken cancel)
    {
        var (id, name, currency, prices, validUntil) = envelope.Data;
        return TariffReplicas.Table.ShowAsync(db, [new TariffState(id, name, currency, prices, validUntil, envelope.Version)], cancel);
    }

    /// <summary>Replaces the tariff's replica by a tombstone.</summary>
    public static Task Apply(EventEnvelope<TariffDeleted> envelope, MonitoringDbContext db, CancellationToken cancel) =>
        TariffReplicas.Table.BuryAsync(db, [(envelope.Data.Id, envelope.Version)], cancel);

    // With some values every reading of the device would fail. Such an event is dead-lettered instead.
    private static Task<List<bool>> ShowAsync(MonitoringDbContext db, DeviceState device, CancellationToken cancel) => DeviceReplicas.FaultOf(device) is { } fault
        ? throw new FormatException(fault)
        : DeviceReplicas.Table.ShowAsync(db, [device], cancel);
}
