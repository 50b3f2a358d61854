namespace EnergyAspire.Testing;

/// <summary>A reading as a meter sends it.</summary>
/// <param name="Time">Start of its interval.</param>
/// <param name="Energy">Milliwatt-hours.</param>
/// <param name="IntervalSeconds">Length of its interval.</param>
public readonly record struct Sent(DateTimeOffset Time, long Energy, int IntervalSeconds);

/// <summary>The hours that readings must have: their energy is dealt out minute by minute, or second by second where its interval does not start and end on minutes.</summary>
public static class ReferenceHours
{
    /// <summary>Sums up by a key of the wall clock, with how many readings start in the hour and how many only reach into it.</summary>
    /// <param name="hourOf">Returns what identifies the clock hour of a time.</param>
    public static Dictionary<TKey, (long Energy, int ReadingCount, int SpreadCount)> Of<TKey>(IEnumerable<Sent> readings, Func<DateTimeOffset, TKey> hourOf)
        where TKey : notnull
    {
        var hours = new Dictionary<TKey, (long Energy, int ReadingCount, int SpreadCount)>();
        foreach (var (time, energy, interval) in readings)
        {
            var (seconds, steps) = (interval % 60, time.Second) is (0, 0) ? (60, interval / 60) : (1, interval);
            var parts = Enumerable.Range(0, steps)
                .Select(step => (Hour: hourOf(time.AddSeconds(step * seconds)), Energy: Until(step + 1) - Until(step)))
                .GroupBy(part => part.Hour, part => part.Energy);
            foreach (var (part, isFirst) in parts.Select((part, index) => (part, index == 0)))
            {
                var (sum, readingCount, spreadCount) = hours.GetValueOrDefault(part.Key);
                hours[part.Key] = (sum + part.Sum(), readingCount + (isFirst ? 1 : 0), spreadCount + (isFirst ? 0 : 1));
            }

            long Until(int step) => (long)Math.Floor((decimal)energy * step / steps);
        }

        return hours;
    }
}
