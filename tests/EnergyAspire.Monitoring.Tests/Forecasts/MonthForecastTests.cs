using System.Collections.Concurrent;
using EnergyAspire.Monitoring.Forecasts;
using EnergyAspire.Monitoring.Hours;

namespace EnergyAspire.Monitoring.Tests.Forecasts;

/// <summary>The forecast of a month from hours alone. Energies are milliwatt-hours.</summary>
public sealed class MonthForecastTests
{
    private const int Days = 208;
    private const int Series = 100;

    private static readonly ConcurrentDictionary<(DateOnly Date, TimeZoneInfo Zone), DateTimeOffset[]> Dates = [];
    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

    [Fact]
    public void A_constant_consumption_is_forecast_exactly()
    {
        var forecast = Forecast(new DateOnly(2026, 11, 11), Berlin, Days, _ => 1_000)!;

        Assert.Equal(20 * 24 * 1_000, forecast.Energies.Sum(), precision: 3);
        Assert.Equal(0, forecast.Spread!.Value, precision: 9);
        Assert.Equal(new ForecastAccuracy(3, 0, 0, 1), forecast.Accuracy);
    }

    /// <summary>In March and October the clock changes in Berlin; in Kathmandu hours start at a quarter in UTC; on Lord Howe Island the clock changes by half an hour.</summary>
    [Theory]
    [InlineData("Europe/Berlin", 2026, 3, 743)]
    [InlineData("Europe/Berlin", 2026, 10, 745)]
    [InlineData("Asia/Kathmandu", 2026, 10, 744)]
    [InlineData("Australia/Lord_Howe", 2026, 4, 721)]
    public void A_weekly_pattern_of_the_site_s_clock_is_forecast_exactly_when_the_clock_changes(string zoneName, int year, int month, int hours)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(zoneName);
        var first = new DateOnly(year, month, 1);

        var forecast = Forecast(first, zone, Days, Pattern)!;

        Assert.Equal(hours, forecast.Energies.Count);
        Assert.Equal(HoursOf(first, first.AddMonths(1), zone).Sum(hour => Pattern(TimeZoneInfo.ConvertTime(hour, zone))), forecast.Energies.Sum(), precision: 3);
    }

    [Fact]
    public void Gaps_change_nothing_when_the_pattern_repeats()
    {
        var random = new Random(7);
        var today = new DateOnly(2026, 11, 11);

        var forecast = Forecast(today, Berlin, Days, Pattern, isKnown: hour => random.NextDouble() > 0.2 && (hour.DayOfYear < 295 || hour.DayOfYear > 302))!;

        Assert.Equal(HoursOf(today, new DateOnly(2026, 12, 1), Berlin).Sum(hour => Pattern(TimeZoneInfo.ConvertTime(hour, Berlin))), forecast.Energies.Sum(), precision: 3);
    }

    [Fact]
    public void An_hour_of_the_week_that_was_never_measured_is_like_the_same_hour_of_other_days()
    {
        var forecast = Forecast(new DateOnly(2026, 11, 11), Berlin, 30, hour => hour.Hour * 100, isKnown: hour => hour.DayOfWeek != DayOfWeek.Sunday)!;

        Assert.Equal(20 * 24 * 1_150, forecast.Energies.Sum(), precision: 3);
    }

    [Theory]
    [InlineData(13, false)]
    [InlineData(14, true)]
    public void Two_weeks_must_be_known(int days, bool isForecast)
    {
        var forecast = Forecast(new DateOnly(2026, 11, 11), Berlin, days, Pattern);

        Assert.Equal(isForecast, forecast is not null);
        if (forecast is not null)
        {
            Assert.NotNull(forecast.Spread);
            Assert.Null(forecast.Accuracy);
        }
    }

    [Fact]
    public void Hours_that_are_older_than_twelve_weeks_alone_are_too_little() =>
        Assert.Null(Forecast(new DateOnly(2026, 11, 11), Berlin, Days, Pattern, isKnown: hour => hour.DayOfYear < 220));

    [Fact]
    public void Weekly_habits_with_chance_are_forecast_better_than_by_the_last_week()
    {
        var accuracies = Enumerable.Range(0, 30).Select(seed => Forecast(new DateOnly(2026, 11, 11), Berlin, Days, Noisy(seed, memory: 0))!.Accuracy!).ToList();

        Assert.All(accuracies, accuracy => Assert.Equal(3, accuracy.Months));
        Assert.True(accuracies.Average(accuracy => accuracy.Error) < 0.75m * accuracies.Average(accuracy => accuracy.NaiveError));
    }

    /// <summary>Of forecasts at different days of the month, with short and long histories, whose days have a common error that fades slowly.</summary>
    [Theory]
    [InlineData(Days, 0)]
    [InlineData(Days, 0.6)]
    [InlineData(40, 0.3)]
    public void The_interval_holds_about_four_of_five_months(int history, double memory)
    {
        var isInside = Enumerable.Range(0, Series).Select(seed =>
        {
            var today = new DateOnly(2026, 11, 1 + (seed % 28));
            var energyOf = Noisy(seed, memory);
            var forecast = Forecast(today, Berlin, history, energyOf)!;
            var (expected, came) = (forecast.Energies.Sum(), HoursOf(today, new DateOnly(2026, 12, 1), Berlin).Sum(hour => energyOf(TimeZoneInfo.ConvertTime(hour, Berlin))));

            return Math.Abs(expected - came) <= forecast.Spread!.Value * expected;
        });

        var coverage = isInside.Count(inside => inside) / (double)Series;
        TestContext.Current.TestOutputHelper!.WriteLine($"The interval of 80 % held {coverage:P1}.");
        Assert.InRange(coverage, 0.7, 0.93);
    }

    [Fact]
    public void A_new_level_is_learned_within_weeks()
    {
        var today = new DateOnly(2026, 11, 11);
        var noisy = Noisy(3, memory: 0.3);

        var forecast = Forecast(today, Berlin, Days, hour => hour.DateTime < new DateTime(2026, 10, 7) ? noisy(hour) : 2 * noisy(hour))!;

        var before = Forecast(today, Berlin, Days, noisy)!;
        Assert.InRange(forecast.Energies.Sum() / before.Energies.Sum(), 1.85, 2.15);
    }

    [Fact]
    public void Only_what_is_not_measured_of_an_hour_is_forecast()
    {
        var now = SiteClock.Day(new DateOnly(2026, 11, 11), Berlin).Start;
        var known = Known(new DateOnly(2026, 11, 11), Berlin, Days, _ => 1_000, _ => true);

        var forecast = MonthForecast.Of(known, [new OpenHour(now.AddHours(-3), 0, 0.25), new OpenHour(now, 3, 1)], now, new DateOnly(2026, 11, 11), Berlin)!;

        Assert.Equal([250d, 1_000d], forecast.Energies.Select(energy => Math.Round(energy, 6)));
    }

    /// <summary>Makes the forecast at the beginning of a date from the complete hours of the days before it.</summary>
    private static MonthForecast? Forecast(DateOnly today, TimeZoneInfo zone, int days, Func<DateTimeOffset, double> energyOf, Func<DateTimeOffset, bool>? isKnown = null)
    {
        var open = HoursOf(today, new DateOnly(today.Year, today.Month, 1).AddMonths(1), zone).Select(hour => new OpenHour(hour, KnownHour.HourOfWeekAt(hour, zone), 1));
        return MonthForecast.Of(Known(today, zone, days, energyOf, isKnown ?? (_ => true)), [.. open], SiteClock.Day(today, zone).Start, today, zone);
    }

    private static KnownHour[] Known(DateOnly today, TimeZoneInfo zone, int days, Func<DateTimeOffset, double> energyOf, Func<DateTimeOffset, bool> isKnown) =>
    [
        .. HoursOf(today.AddDays(-days), today, zone).Where(hour => isKnown(TimeZoneInfo.ConvertTime(hour, zone)))
            .Select(hour => KnownHour.At(hour, (long)energyOf(TimeZoneInfo.ConvertTime(hour, zone)), zone)),
    ];

    private static IEnumerable<DateTimeOffset> HoursOf(DateOnly first, DateOnly end, TimeZoneInfo zone) =>
        Enumerable.Range(0, end.DayNumber - first.DayNumber).SelectMany(day => Dates.GetOrAdd((first.AddDays(day), zone), date => [.. SiteClock.HoursOf(date.Date, date.Zone)]));

    private static double Pattern(DateTimeOffset local) => 1_000 + (100 * local.Hour) + (local.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? 2_000 : 0);

    /// <summary>A week's pattern times the chance of each day, which remembers the day before, and of each hour.</summary>
    private static Func<DateTimeOffset, double> Noisy(int seed, double memory)
    {
        var random = new Random(seed);
        var (days, last) = (new Dictionary<DateOnly, double>(), 0d);
        for (var date = new DateOnly(2026, 1, 1); date.Year == 2026; date = date.AddDays(1))
            days[date] = last = (memory * last) + (0.25 * Normal(random));
        var hours = Enumerable.Range(0, 24 * 7).Select(_ => 0.3 + random.NextDouble()).ToArray();

        return local => 1_000_000 * hours[((int)local.DayOfWeek * 24) + local.Hour] * Math.Exp(days[DateOnly.FromDateTime(local.DateTime)]);
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
