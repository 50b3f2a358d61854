namespace EnergyAspire.Simulator.Readings;

/// <summary>A simulated meter.</summary>
/// <param name="DeviceId">Device that it reports for.</param>
/// <param name="BaseLoadKwh">Energy of ten minutes at multiplier 1, in kWh.</param>
/// <param name="TimeZone">Zone whose hours the patterns follow, so that evening is evening where the meter is.</param>
public sealed record Meter(Guid DeviceId, double BaseLoadKwh, TimeZoneInfo TimeZone);
