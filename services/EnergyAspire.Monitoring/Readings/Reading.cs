namespace EnergyAspire.Monitoring.Readings;

/// <summary>Energy that a meter measured in the interval that starts at a time.</summary>
/// <param name="DeviceId">Id of the meter that reported; once its device is found, id of the device.</param>
/// <param name="Timestamp">Start of the interval in UTC, to the microsecond; with <paramref name="DeviceId"/> it identifies the reading.</param>
/// <param name="Energy">Energy of the interval in milliwatt-hours, not negative.</param>
/// <remarks>Delivered at least once. The same pair again is a duplicate and has no effect.</remarks>
public readonly record struct Reading(Guid DeviceId, DateTimeOffset Timestamp, long Energy);
