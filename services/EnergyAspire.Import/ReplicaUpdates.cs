using EnergyAspire.Contracts;
using EnergyAspire.Identity.Accounts;
using EnergyAspire.Monitoring.Replicas;
using Microsoft.EntityFrameworkCore;
using UserReplicaOfDevices = EnergyAspire.Devices.Users.UserReplica;
using UserReplicasOfDevices = EnergyAspire.Devices.Users.UserReplicas;
using UserReplicasOfMonitoring = EnergyAspire.Monitoring.Replicas.UserReplicas;

namespace EnergyAspire.Import;

/// <summary>
/// Writes imported rows to the replicas of the other services, as a rebuild of the replicas does. So the import needs neither running services nor the
/// broker. The events come later with the same versions and have no effect.
/// </summary>
internal sealed class ReplicaUpdates(ImportDatabases databases)
{
    private const int MostAtOnce = 500;

    /// <summary>Shows accounts to Devices and Monitoring.</summary>
    public async Task ShowAccountsAsync(IEnumerable<Guid> ids, CancellationToken cancel)
    {
        await using var auth = databases.Auth();
        await using var devices = databases.Devices();
        await using var monitoring = databases.MonitoringContext();
        foreach (var chunk in ids.Chunk(MostAtOnce))
        {
            var accounts = await auth.Accounts.AsNoTracking().Where(account => chunk.Contains(account.Id) && account.State == AccountState.Active).ToListAsync(cancel);
            await UserReplicasOfDevices.Table.ShowAsync(
                devices, accounts.ConvertAll(account => new UserReplicaOfDevices
                {
                    Id = account.Id,
                    Username = account.UserName!,
                    Role = account.Role,
                    TokenGeneration = account.TokenGeneration,
                    Version = account.Version,
                    IsDeleted = false,
                }), cancel);
            await UserReplicasOfMonitoring.Table.ShowAsync(
                monitoring, accounts.ConvertAll(account => new UserState(account.Id, account.UserName!, account.Role, account.TokenGeneration, account.Version)), cancel);
        }
    }

    /// <summary>Shows devices to Monitoring, which accepts readings of known devices only.</summary>
    public async Task ShowDevicesAsync(IEnumerable<Guid> ids, CancellationToken cancel)
    {
        await using var devices = databases.Devices();
        await using var monitoring = databases.MonitoringContext();
        foreach (var chunk in ids.Chunk(MostAtOnce))
        {
            var states = (await devices.Devices.AsNoTracking().Where(device => chunk.Contains(device.Id)).ToListAsync(cancel)).ConvertAll(device => device.ToState());
            // A changed zone moves hours in the same transaction.
            await using var transaction = await monitoring.Database.BeginTransactionAsync(cancel);
            await DeviceReplicas.Table.ShowAsync(monitoring, states, cancel);
            await transaction.CommitAsync(cancel);
        }
    }

    /// <summary>Shows the mappings of devices to Monitoring.</summary>
    public async Task ShowMappingsAsync(IEnumerable<Guid> deviceIds, CancellationToken cancel)
    {
        await using var devices = databases.Devices();
        await using var monitoring = databases.MonitoringContext();
        foreach (var chunk in deviceIds.Chunk(MostAtOnce))
        {
            var mappings = await devices.Mappings.AsNoTracking()
                .Where(mapping => chunk.Contains(mapping.DeviceId) && mapping.IsAssigned)
                .ToListAsync(cancel);
            await MappingReplicas.Table.ShowAsync(monitoring, mappings.ConvertAll(mapping => mapping.ToState()), cancel);
        }
    }
}
