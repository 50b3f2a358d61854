using System.Text.Json.Serialization;

namespace EnergyAspire.Monitoring.Consumption;

/// <summary>How long the periods of a range are.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Granularity>))]
public enum Granularity
{
    /// <summary>A clock hour.</summary>
    [JsonStringEnumMemberName("hour")]
    Hour,

    /// <summary>A date.</summary>
    [JsonStringEnumMemberName("day")]
    Day,

    /// <summary>A calendar month.</summary>
    [JsonStringEnumMemberName("month")]
    Month,
}
