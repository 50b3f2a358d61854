namespace EnergyAspire.Monitoring.Forecasts;

/// <summary>Expected energy of each hour of the week on a site's clock.</summary>
internal sealed class WeeklyProfile
{
    private const int Hours = 7 * 24;

    private static readonly TimeSpan Week = TimeSpan.FromDays(7);

    private readonly double[] _energies;

    private WeeklyProfile(double[] energies) => _energies = energies;

    /// <summary>Returns the expected milliwatt-hours of an hour of the week.</summary>
    public double this[int hourOfWeek] => _energies[hourOfWeek];

    /// <summary>Returns the weighted means of known hours. The weight of a week halves with each half-life that it is older.</summary>
    /// <param name="hours">At least one hour, sorted, all before <paramref name="at"/>.</param>
    /// <param name="at">When the profile is made.</param>
    /// <param name="halfLife">Half-life in weeks.</param>
    public static WeeklyProfile Of(ReadOnlySpan<KnownHour> hours, DateTimeOffset at, double halfLife)
    {
        var (sums, weights) = (new double[Hours], new double[Hours]);
        var (weight, fade, weekStart) = (1d, Math.Pow(0.5, 1 / halfLife), at - Week);
        for (var index = hours.Length - 1; index >= 0; index--)
        {
            var (start, hour, energy) = hours[index];
            while (start < weekStart)
                (weight, weekStart) = (weight * fade, weekStart - Week);

            sums[hour] += weight * energy;
            weights[hour] += weight;
        }

        return Filled(sums, weights);
    }

    /// <summary>Returns the naive profile: the latest known hour of each hour of the week. Without gaps it repeats the last week.</summary>
    /// <inheritdoc cref="Of" path="/param[@name='hours']" />
    public static WeeklyProfile Latest(ReadOnlySpan<KnownHour> hours)
    {
        var (latest, known) = (new double[Hours], new double[Hours]);
        foreach (var (_, hour, energy) in hours)
            (latest[hour], known[hour]) = (energy, 1);

        return Filled(latest, known);
    }

    /// <summary>Divides sums by their weights. An hour of the week that was never measured gets the mean of the same hour of other days, or of all hours.</summary>
    private static WeeklyProfile Filled(double[] sums, double[] weights)
    {
        var mean = sums.Sum() / weights.Sum();
        var means = new double[24];
        for (var hour = 0; hour < 24; hour++)
        {
            var (sum, weight) = (0d, 0d);
            for (var day = 0; day < 7; day++)
                (sum, weight) = (sum + sums[(day * 24) + hour], weight + weights[(day * 24) + hour]);
            means[hour] = weight > 0 ? sum / weight : mean;
        }

        return new WeeklyProfile([.. sums.Zip(weights).Select((slot, hour) => slot.Second > 0 ? slot.First / slot.Second : means[hour % 24])]);
    }
}
