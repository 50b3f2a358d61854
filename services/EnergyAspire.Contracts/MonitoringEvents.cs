using System.Text.Json.Serialization;

namespace EnergyAspire.Contracts;

/// <summary>A clock hour of a device exceeded the device's limit. Announced once for a device and hour.</summary>
/// <param name="Id">Alert id.</param>
/// <param name="DeviceId">Device that consumed.</param>
/// <param name="HourStart">When the clock hour of the device's site starts.</param>
/// <param name="Energy">Energy of the hour in kWh when it exceeded the limit; later readings may add to it.</param>
/// <param name="MaxConsumption">Limit at that time in kWh per clock hour.</param>
/// <param name="Late">Whether it was caused by late readings, long after the hour had ended.</param>
public sealed record OverconsumptionDetected(
    Guid Id, Guid DeviceId, DateTimeOffset HourStart, decimal Energy, decimal MaxConsumption, bool Late = false) : IEvent
{
    /// <inheritdoc />
    public static string EventType => "overconsumption_detected";

    /// <inheritdoc />
    [JsonIgnore]
    public string Aggregate => $"alert:{Id}";
}
