namespace EnergyAspire.Simulator.Settings;

/// <summary>What the command line says; what it doesn't say is null.</summary>
/// <param name="DeviceIds">The meters.</param>
/// <param name="Devices">Number of meters whose ids come from the seed.</param>
/// <param name="IntervalSeconds">Length of an interval.</param>
/// <param name="BaseLoadKwh">Energy of ten minutes at multiplier 1, of every meter.</param>
/// <param name="Duration">How long to run, on the simulated clock.</param>
/// <param name="TimeAcceleration">Simulated minutes in a real second; 0 for real speed.</param>
/// <param name="Start">Where the simulated clock starts.</param>
/// <param name="Seed">Seed of the variations.</param>
public sealed record Overrides(
    IReadOnlyList<Guid>? DeviceIds = null, int? Devices = null, int? IntervalSeconds = null, double? BaseLoadKwh = null,
    TimeSpan? Duration = null, double? TimeAcceleration = null, DateTimeOffset? Start = null, long? Seed = null);
