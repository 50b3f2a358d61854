using EnergyAspire.Simulator.Gateway;
using EnergyAspire.Simulator.Traffic;

namespace EnergyAspire.Simulator.Settings;

/// <summary>Settings from the command line and the environment; absent ones are null.</summary>
/// <param name="DeviceIds">The meters.</param>
/// <param name="Devices">Number of meters whose ids come from the seed.</param>
/// <param name="IntervalSeconds">Length of an interval.</param>
/// <param name="BaseLoadKwh">Energy of ten minutes at multiplier 1, of every meter.</param>
/// <param name="Duration">How long to run, on the simulated clock.</param>
/// <param name="TimeAcceleration">Simulated minutes in a real second; 0 for real speed.</param>
/// <param name="Start">Where the simulated clock starts.</param>
/// <param name="Seed">Seed of the variations.</param>
/// <param name="TimeZones">IANA zones that the meters take in turn.</param>
/// <param name="Registered">Meters that the system knows, at least one.</param>
/// <param name="Faults">Shares of faults.</param>
/// <param name="Batch">Most readings in a message.</param>
/// <param name="ExpectFile">File to write the expected totals to.</param>
/// <param name="Broker">Broker, from the environment.</param>
public sealed record Overrides(
    IReadOnlyList<Guid>? DeviceIds = null, int? Devices = null, int? IntervalSeconds = null, double? BaseLoadKwh = null,
    TimeSpan? Duration = null, double? TimeAcceleration = null, DateTimeOffset? Start = null, long? Seed = null,
    IReadOnlyList<string>? TimeZones = null, IReadOnlyList<RegisteredDevice>? Registered = null, FaultShares? Faults = null,
    int? Batch = null, string? ExpectFile = null, BrokerConfig? Broker = null);
