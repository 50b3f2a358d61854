using CsCheck;
using EnergyAspire.Contracts;
using EnergyAspire.Monitoring.Hours;
using EnergyAspire.Monitoring.Prices;
using EnergyAspire.Monitoring.Replicas;

namespace EnergyAspire.Monitoring.Tests.Prices;

/// <summary>What each hour and each date costs, by the tariffs of the time.</summary>
public sealed class PriceScheduleTests
{
    private static readonly Guid DayAndNight = Guid.NewGuid();
    private static readonly Guid Flat = Guid.NewGuid();

    // Clocks that change by an hour at different times of day, by half an hour, over midnight, and not at all; offsets that are no whole hours.
    private static readonly string[] Zones =
        ["Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Havana", "America/Asuncion", "Atlantic/Azores", "Africa/Cairo", "Pacific/Apia", "UTC"];

    private static readonly Gen<TariffTime> Times = Gen.Select(
        Gen.Int[1, 9], Gen.Int[0, 23], Gen.Int[1, 24], Gen.Int[1, 7].Array[0, 4], Gen.Int[1, 12].Array[0, 4],
        (price, from, until, weekdays, months) => new TariffTime(price / 10m, from, until, weekdays, months)).Where(time => time.FromHour != time.UntilHour);

    private static readonly Gen<TariffReplica> Tariffs = Gen.Select(
        Gen.Select(Times.Array[0, 3], Gen.Int[0, 400], Gen.Int[0, 9], (times, from, price) => (times, from, price)).Array[1, 3], Gen.Int[0, 800], (prices, until) =>
            Tariff(Guid.NewGuid(), [.. prices.DistinctBy(part => part.from).OrderBy(part => part.from).Select((part, index) =>
                new TariffPrices(index == 0 && part.from % 2 == 0 ? null : First.AddDays(part.from), part.price / 10m, part.times))], until > 400 ? null : First.AddDays(until)));

    private static DateOnly First => new(2026, 1, 1);

    [Fact]
    public void The_price_changes_only_where_it_may_and_is_that_of_the_first_matching_time_on_the_site_s_clock() =>
        Tariffs.Array[1, 3].Select(Gen.Int[0, Zones.Length - 1], Gen.Int[0, 500].Array[2, 2]).Sample((tariffs, zone, days) =>
        {
            var site = TimeZoneInfo.FindSystemTimeZoneById(Zones[zone]);
            DeviceTariff[] entries = [.. tariffs.Select((tariff, index) => new DeviceTariff(index == 1 ? null : tariff.Id, First.AddDays(index * 150)))];
            var schedule = new PriceSchedule(IsProduction: false, 0.99m, [], entries, tariffs.ToDictionary(tariff => tariff.Id), site);
            var from = SiteClock.Day(First.AddDays(days.Min()), site).Start;
            var until = SiteClock.Day(First.AddDays(Math.Min(days.Min() + 60, days.Max() + 1)), site).Start;

            var changes = schedule.Changes(from, until).ToList();

            Assert.Equal(changes.Distinct().Order(), changes);
            Assert.All(changes, change => Assert.True(change > from && change < until));
            var (price, next) = (schedule.At(from), 0);
            for (var hour = from; hour < until; hour = SiteClock.NextHour(hour, site))
            {
                while (next < changes.Count && changes[next] <= hour)
                    (price, next) = (schedule.At(changes[next]), next + 1);
                Assert.Equal(Expected(tariffs, entries, TimeZoneInfo.ConvertTime(hour, site).DateTime), schedule.At(hour));
                Assert.Equal(schedule.At(hour), price);
            }
        }, iter: 300);

    [Theory]
    [InlineData("2026-07-15T21:59", 0.34)]
    [InlineData("2026-07-15T22:00", 0.27)]
    [InlineData("2026-07-16T05:00", 0.27)]
    [InlineData("2026-07-16T06:00", 0.34)]
    [InlineData("2026-12-16T18:00", 0.40)]
    [InlineData("2026-12-19T18:00", 0.34)]
    [InlineData("2027-01-01T12:00", 0.50)]
    [InlineData("2027-02-01T12:00", null)]
    [InlineData("2025-12-31T23:00", 0.99)]
    public void An_hour_costs_what_its_time_of_the_year_the_week_and_the_day_costs(string local, double? price)
    {
        var tariff = Tariff(DayAndNight,
        [
            new TariffPrices(First, 0.34m, [new(0.27m, 22, 6, [], []), new(0.40m, 17, 20, [1, 2, 3, 4, 5], [11, 12, 1])]), new TariffPrices(new DateOnly(2027, 1, 1), 0.50m, []),
        ], new DateOnly(2027, 1, 31));
        var zone = TimeZoneInfo.FindSystemTimeZoneById("Asia/Kathmandu");
        var schedule = new PriceSchedule(IsProduction: false, 0.99m, [], [new(DayAndNight, First)], new Dictionary<Guid, TariffReplica> { [DayAndNight] = tariff }, zone);
        var time = DateTime.Parse(local);

        Assert.Equal((decimal?)price, schedule.At(new DateTimeOffset(time, zone.GetUtcOffset(time))));
    }

    [Fact]
    public void The_shares_of_a_month_add_up_to_its_base_price() =>
        Gen.Select(Gen.Int[0, 2_000_000_000], Gen.Int[1, 12], Gen.Int[2024, 2027]).Sample((price, month, year) =>
        {
            var prices = new TariffPrices(null, 0.3m, [], BasePricePerDay: 0.1m, BasePricePerMonth: price / 100_000_000m);
            var days = DateTime.DaysInMonth(year, month);

            var shares = Enumerable.Range(1, days).Select(day => prices.BasePriceOf(new DateOnly(year, month, day))).ToList();

            Assert.Equal(prices.BasePricePerMonth + (days * 0.1m), shares.Sum());
            Assert.InRange(shares.Max() - shares.Min(), 0, 0.000_000_001m);
        });

    [Fact]
    public void Without_a_tariff_the_own_price_of_the_time_is_valid_and_there_is_no_base_price()
    {
        var change = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
        DeviceSettings[] settings = [new(null, 2, 0.10m, 600), new(change, 2, 0.20m, 600)];
        var tariff = Tariff(Flat, [new TariffPrices(null, 0.30m, [], BasePricePerDay: 1)], validUntil: null);
        var schedule = new PriceSchedule(
            IsProduction: false, 0.20m, settings, [new(Flat, new DateOnly(2026, 4, 1)), new(null, new DateOnly(2026, 5, 1))], new Dictionary<Guid, TariffReplica> { [Flat] = tariff }, TimeZoneInfo.Utc);

        Assert.Equal([0.10m, 0.20m, 0.30m, 0.20m], new[] { change.AddHours(-1), change, change.AddDays(31), change.AddDays(61) }.Select(schedule.At));
        Assert.Equal([null, 1m, null], new[] { new DateOnly(2026, 3, 31), new DateOnly(2026, 4, 30), new DateOnly(2026, 5, 1) }.Select(schedule.BaseOn));
        Assert.Equal("EUR", schedule.Currency);
        Assert.Null((schedule with { Tariffs = new Dictionary<Guid, TariffReplica> { [Flat] = Tariff(Flat, [new TariffPrices(null, 0.30m, [])], validUntil: null) } }).BaseOn(new DateOnly(2026, 4, 1)));
        Assert.Equal(
            [change, new(2026, 4, 1, 0, 0, 0, TimeSpan.Zero), new(2026, 5, 1, 0, 0, 0, TimeSpan.Zero)], schedule.Changes(change.AddDays(-9), change.AddDays(90)));
        Assert.Null((schedule with { Tariffs = new Dictionary<Guid, TariffReplica>() }).At(change.AddDays(31)));
    }

    private static TariffReplica Tariff(Guid id, IReadOnlyList<TariffPrices> prices, DateOnly? validUntil) => new()
    {
        Id = id,
        Name = "Tariff",
        Currency = "EUR",
        Prices = prices,
        ValidUntil = validUntil,
        Version = 1,
        IsDeleted = false,
    };

    /// <summary>The price of a local hour, said once more and as plainly as possible.</summary>
    private static decimal? Expected(TariffReplica[] tariffs, DeviceTariff[] entries, DateTime local)
    {
        var date = DateOnly.FromDateTime(local);
        var valid = Array.FindLastIndex(entries, entry => entry.From <= date);
        if (valid < 0 || entries[valid].TariffId is null)
            return 0.99m;
        if (tariffs[valid].ValidUntil < date || tariffs[valid].Prices.Where(prices => !(prices.From > date)).ToList() is not [.., var current])
            return null;

        foreach (var time in current.Times)
        {
            var hours = Enumerable.Range(0, 24).Select(step => (time.FromHour + step) % 24).TakeWhile((hour, step) => step == 0 || hour != time.UntilHour % 24);
            var weekday = (((int)date.DayOfWeek + 6) % 7) + 1;
            if (hours.Contains(local.Hour) && (time.Weekdays.Count == 0 || time.Weekdays.Contains(weekday)) && (time.Months.Count == 0 || time.Months.Contains(date.Month)))
                return time.UnitPrice;
        }

        return current.UnitPrice;
    }
}
