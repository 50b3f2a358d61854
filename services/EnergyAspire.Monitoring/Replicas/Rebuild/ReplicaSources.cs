using EnergyAspire.ServiceDefaults.Lists;

namespace EnergyAspire.Monitoring.Replicas.Rebuild;

/// <summary>Where the copies of accounts come from: Identity.</summary>
public sealed class UserSource(HttpClient identity)
{
    /// <summary>Reads all accounts, page by page.</summary>
    public IAsyncEnumerable<List<UserState>> ReadUsersAsync(CancellationToken cancel) => identity.ReadPagesAsync<UserState>("/internal/users?limit=1000", cancel);
}

/// <summary>Where the copies of devices and mappings come from: Devices.</summary>
public sealed class DeviceSource(HttpClient devices)
{
    /// <summary>Reads all devices, page by page.</summary>
    public IAsyncEnumerable<List<DeviceState>> ReadDevicesAsync(CancellationToken cancel) => devices.ReadPagesAsync<DeviceState>("/internal/devices?limit=1000", cancel);

    /// <summary>Reads all mappings in force, page by page.</summary>
    public IAsyncEnumerable<List<MappingState>> ReadMappingsAsync(CancellationToken cancel) => devices.ReadPagesAsync<MappingState>("/internal/mappings?limit=1000", cancel);
}
