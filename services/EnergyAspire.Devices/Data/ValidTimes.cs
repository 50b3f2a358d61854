namespace EnergyAspire.Devices.Data;

/// <summary>Times since when something is valid, as clients send them.</summary>
internal static class ValidTimes
{
    /// <summary>Returns a time in UTC and in whole microseconds, the precision of the database.</summary>
    public static DateTimeOffset ToStored(this DateTimeOffset time) => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerMicrosecond)).ToUniversalTime();

    /// <summary>Returns why nothing can be valid from a time; null when it can.</summary>
    public static string? Fault(DateTimeOffset? from, DateTimeOffset now) =>
        from > now ? "The time lies in the future." : from < DateTimeOffset.UnixEpoch ? "The time lies before 1970." : null;
}
