using EnergyAspire.Contracts;

namespace EnergyAspire.Monitoring.Hours;

/// <summary>What was valid for a device when. An empty history means that the present settings were always valid.</summary>
internal static class SettingsHistory
{
    /// <summary>Returns the settings that were valid at a time; null when the present ones always were.</summary>
    public static DeviceSettings? At(this IReadOnlyList<DeviceSettings> history, DateTimeOffset time)
    {
        for (var index = history.Count - 1; index >= 0; index--)
        {
            if (history[index].From is null || history[index].From <= time)
                return history[index];
        }

        return history is [var first, ..] ? first : null;
    }

    /// <summary>Returns the interval, in seconds, that was valid at a time.</summary>
    /// <param name="history">History of a device's settings.</param>
    /// <param name="intervalSeconds">Present interval.</param>
    /// <param name="time">Time.</param>
    public static int IntervalAt(this IReadOnlyList<DeviceSettings> history, int intervalSeconds, DateTimeOffset time) =>
        history.At(time)?.ReportingIntervalSeconds ?? intervalSeconds;

    /// <summary>Counts the readings that a device should have sent in a span of time, by the intervals that were valid in it.</summary>
    /// <param name="history">History of its settings.</param>
    /// <param name="intervalSeconds">Present interval.</param>
    /// <param name="from">Start of the span.</param>
    /// <param name="until">End of the span, exclusive.</param>
    public static int ExpectedReadings(this IReadOnlyList<DeviceSettings> history, int intervalSeconds, DateTimeOffset from, DateTimeOffset until)
    {
        if (history is [])
            return Hours.ExpectedReadings.Between(from, until, intervalSeconds);

        var expected = 0;
        // The newest first, because most spans are younger than the last change.
        for (var (index, end) = (history.Count - 1, until); index >= 0 && end > from; index--)
        {
            var start = history[index].From is { } change && change > from ? change : from;
            if (start < end)
                (expected, end) = (expected + Hours.ExpectedReadings.Between(start, end, history[index].ReportingIntervalSeconds), start);
        }

        return expected;
    }
}
