namespace EnergyAspire.Simulator.Readings;

/// <summary>A simulated meter.</summary>
/// <param name="DeviceId">Device that it reports for.</param>
/// <param name="BaseLoadKwh">Energy of ten minutes at multiplier 1, in kWh.</param>
/// <param name="TimeZone">Zone of the site; patterns use its local hours.</param>
public sealed record Meter(Guid DeviceId, double BaseLoadKwh, TimeZoneInfo TimeZone);
