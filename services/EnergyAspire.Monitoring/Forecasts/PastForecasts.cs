using EnergyAspire.Monitoring.Hours;

namespace EnergyAspire.Monitoring.Forecasts;

/// <summary>A forecast and what was measured then, over the same complete hours.</summary>
/// <param name="Forecast">Milliwatt-hours that were forecast.</param>
/// <param name="Measured">Milliwatt-hours that were measured.</param>
internal readonly record struct PastForecast(double Forecast, double Measured)
{
    public double Error => Forecast - Measured;
}

/// <summary>
/// Forecasts of a device at each midnight of its past, from the hours before that midnight alone, beside what was measured afterwards. They choose the
/// half-life, and give the uncertainty and the accuracy.
/// </summary>
internal sealed class PastForecasts
{
    /// <summary>Dates whose hours make a profile.</summary>
    public const int ProfileDays = 12 * 7;

    /// <summary>Complete months whose forecasts are compared with what was measured, at most.</summary>
    public const int Months = 3;

    /// <summary>Most dates that a forecast is for.</summary>
    public const int LongestMonth = 31;

    /// <summary>How old the oldest of the known hours is at least when a forecast is shown.</summary>
    public static readonly TimeSpan ShortestHistory = TimeSpan.FromDays(14);

    // Forecasts that only measure the uncertainty may be made from less.
    private static readonly TimeSpan ShortestTrial = TimeSpan.FromDays(7);

    // Over so many dates half-lives are compared.
    private const int ComparedDays = 14;

    // Fewer known hours than this share of the hours tell nothing about a span.
    private const double EnoughHours = 0.75;

    private const double UsualHalfLife = 4;

    private static readonly double[] HalfLives = [1, 2, UsualHalfLife, 8];

    // 90 % quantiles of Student's t distribution for 1, 2, ... degrees of freedom.
    private static readonly double[] Quantiles =
    [
        3.078, 1.886, 1.638, 1.533, 1.476, 1.440, 1.415, 1.397, 1.383, 1.372, 1.363, 1.356, 1.350, 1.345, 1.341, 1.337, 1.333, 1.330, 1.328, 1.325,
    ];

    private readonly KnownHour[] _hours;
    private readonly DateOnly _first;
    private readonly DateTimeOffset[] _midnights;
    private readonly int[] _starts;
    private readonly double[] _energies;
    private readonly Dictionary<(int Day, double HalfLife), double[]> _forecasts = [];
    private readonly double[][] _squaredErrors;

    /// <summary>Prepares the forecasts.</summary>
    /// <param name="hours">At least one hour, sorted.</param>
    /// <param name="today">Current date at the site.</param>
    /// <param name="zone">Zone of the site.</param>
    public PastForecasts(KnownHour[] hours, DateOnly today, TimeZoneInfo zone)
    {
        (_hours, _first) = (hours, SiteClock.DateAt(hours[0].Start, zone));
        Today = today.DayNumber - _first.DayNumber;
        _midnights = [.. Enumerable.Range(0, Today + 1).Select(day => SiteClock.Day(_first.AddDays(day), zone).Start)];
        _starts = Array.ConvertAll(_midnights, IndexOf);
        _energies = new double[Today + 1];
        for (var day = 0; day < Today; day++)
            _energies[day + 1] = _energies[day] + EnergyOf(_hours.AsSpan(_starts[day].._starts[day + 1]));
        _squaredErrors = Array.ConvertAll(HalfLives, SquaredErrors);
    }

    /// <summary>Index of the current date; that of the first known hour's date is 0.</summary>
    public int Today { get; }

    /// <summary>Returns the known hours that a profile is made of at an instant after the last midnight.</summary>
    public ReadOnlySpan<KnownHour> HoursAt(DateTimeOffset now) => _hours.AsSpan(_starts[Math.Max(0, Today - ProfileDays)]..IndexOf(now));

    /// <summary>Whether the known hours before an instant are enough for a forecast.</summary>
    public static bool AreEnough(ReadOnlySpan<KnownHour> hours, DateTimeOffset at) => AreEnough(hours, at, ShortestHistory);

    /// <summary>
    /// Returns the half-life, in weeks, whose forecasts of two weeks were best until a date: the one with the least sum of squared errors.
    /// </summary>
    public double HalfLifeAt(int day)
    {
        var last = day - ComparedDays;
        if (last < 0 || _squaredErrors[0][last] == 0)
            return UsualHalfLife;

        return HalfLives.Zip(_squaredErrors).MinBy(candidate => candidate.Second[last]).First;
    }

    /// <summary>
    /// Returns half of the width of the 80 % interval, as a share of the forecast; null when no forecast can be compared yet. It is the root mean square
    /// of the relative errors of forecasts over as many dates, times the quantile of Student's t distribution with one degree of freedom for each time that
    /// so many dates fit into the past. For spans longer than half of the past it is that of shorter spans.
    /// </summary>
    /// <param name="day">Date at which the forecast is made; later dates aren't used.</param>
    /// <param name="length">Dates that are forecast.</param>
    /// <param name="halfLife">Half-life in weeks.</param>
    public double? SpreadAt(int day, int length, double halfLife)
    {
        var earliest = Math.Max(FirstTrial(), day - ProfileDays - (Months * 31));
        var past = day - earliest;
        var compared = past >= 2 * length ? length : Math.Min(length, Math.Max(Math.Min(past, 7), past / 2));
        if (compared <= 0)
            return null;

        var (errors, forecasts) = (0d, 0d);
        for (var origin = earliest; origin + compared <= day; origin++)
        {
            if (Trial(origin, compared, halfLife) is not { } trial)
                continue;
            errors += trial.Error * trial.Error;
            forecasts += trial.Forecast * trial.Forecast;
        }

        return forecasts > 0 ? Quantiles[Math.Clamp(past / compared, 1, Quantiles.Length) - 1] * Math.Sqrt(errors / forecasts) : null;
    }

    /// <summary>
    /// Compares the forecasts that each day of the last complete months would have shown with those months; null when no month has enough known hours.
    /// </summary>
    public ForecastAccuracy? Accuracy()
    {
        var today = _first.AddDays(Today);
        var month = new DateOnly(today.Year, today.Month, 1);
        var (months, days, error, naiveError, covered) = (0, 0, 0d, 0d, 0);
        for (var back = 1; back <= Months; back++)
        {
            var (start, end) = (month.AddMonths(-back).DayNumber - _first.DayNumber, month.AddMonths(1 - back).DayNumber - _first.DayNumber);
            if (start <= 0 || !AreEnough(HoursBefore(start), _midnights[start], ShortestHistory) || !IsKnown(start, end) || EnergyOf(start, end) is not (> 0 and var total))
                continue;

            months++;
            for (var day = start; day < end; day++)
            {
                var halfLife = HalfLifeAt(day);
                var (forecast, measured) = (ForecastAt(day, end, halfLife), EnergyOf(day, end));
                days++;
                error += Math.Abs(forecast - measured) / total;
                naiveError += Math.Abs(Sum(WeeklyProfile.Latest(HoursBefore(day)), _hours.AsSpan(_starts[day].._starts[end])) - measured) / total;
                if (Math.Abs(forecast - measured) <= forecast * SpreadAt(day, end - day, halfLife))
                    covered++;
            }
        }

        return months == 0 ? null : new ForecastAccuracy(months, Rounded(error / days), Rounded(naiveError / days), Rounded((double)covered / days));
    }

    private static decimal Rounded(double share) => Math.Round((decimal)share, 4);

    /// <summary>Returns for each date the sum of squared errors of the forecasts of two weeks at it and before it.</summary>
    private double[] SquaredErrors(double halfLife)
    {
        var (sums, sum) = (new double[Math.Max(0, Today - ComparedDays + 1)], 0d);
        for (var day = 0; day < sums.Length; day++)
            sums[day] = sum += Trial(day, ComparedDays, halfLife) is { Error: var error } ? error * error : 0;

        return sums;
    }

    /// <summary>Returns the forecast of some dates at the start of the first one; null when too few hours before or in them are known.</summary>
    private PastForecast? Trial(int day, int length, double halfLife) =>
        AreEnough(HoursBefore(day), _midnights[day], ShortestTrial) && IsKnown(day, day + length)
            ? new PastForecast(ForecastAt(day, day + length, halfLife), EnergyOf(day, day + length))
            : null;

    /// <summary>Returns the first date at which a forecast is compared.</summary>
    private int FirstTrial()
    {
        var day = 0;
        while (day < Today && !AreEnough(HoursBefore(day), _midnights[day], ShortestTrial))
            day++;

        return day;
    }

    /// <summary>Returns what was forecast at a date for the known hours until another one. All sums of a profile are computed at once and kept.</summary>
    private double ForecastAt(int day, int end, double halfLife)
    {
        if (!_forecasts.TryGetValue((day, halfLife), out var sums))
        {
            var profile = WeeklyProfile.Of(HoursBefore(day), _midnights[day], halfLife);
            _forecasts.Add((day, halfLife), sums = new double[LongestMonth + 1]);
            for (var next = day; next < Today && next - day < LongestMonth; next++)
                sums[next - day + 1] = sums[next - day] + Sum(profile, _hours.AsSpan(_starts[next].._starts[next + 1]));
        }

        return sums[end - day];
    }

    private double EnergyOf(int day, int end) => _energies[end] - _energies[day];

    private ReadOnlySpan<KnownHour> HoursBefore(int day) => _hours.AsSpan(_starts[Math.Max(0, day - ProfileDays)].._starts[day]);

    /// <summary>Whether enough hours of a span of dates are known.</summary>
    private bool IsKnown(int day, int end) => _starts[end] - _starts[day] >= EnoughHours * 24 * (end - day);

    private int IndexOf(DateTimeOffset instant)
    {
        var index = Array.BinarySearch(_hours, new KnownHour(instant, 0, 0), Comparer<KnownHour>.Create((one, other) => one.Start.CompareTo(other.Start)));
        return index >= 0 ? index : ~index;
    }

    // Half of the hours of the shortest history are enough, so gaps don't matter.
    private static bool AreEnough(ReadOnlySpan<KnownHour> hours, DateTimeOffset at, TimeSpan shortest) =>
        hours.Length >= shortest.TotalHours / 2 && at - hours[0].Start >= shortest;

    private static double Sum(WeeklyProfile profile, ReadOnlySpan<KnownHour> hours)
    {
        var sum = 0d;
        foreach (var hour in hours)
            sum += profile[hour.HourOfWeek];

        return sum;
    }

    private static double EnergyOf(ReadOnlySpan<KnownHour> hours)
    {
        var sum = 0L;
        foreach (var hour in hours)
            sum += hour.Energy;

        return sum;
    }
}
