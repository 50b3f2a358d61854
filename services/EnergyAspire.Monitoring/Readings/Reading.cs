namespace EnergyAspire.Monitoring.Readings;

/// <summary>Says that a meter used this much energy in the interval that starts at a time.</summary>
/// <param name="DeviceId">Meter that reported.</param>
/// <param name="Timestamp">Start of the interval in UTC, to the microsecond; with <paramref name="DeviceId"/> it identifies the reading.</param>
/// <param name="Energy">Energy of the interval in milliwatt-hours, not negative.</param>
/// <remarks>Delivered at least once. The same pair again is a duplicate and has no effect.</remarks>
public readonly record struct Reading(Guid DeviceId, DateTimeOffset Timestamp, long Energy);
