using System.Text.Json;
using EnergyAspire.Contracts;
using EnergyAspire.Monitoring.Hours;
using EnergyAspire.Monitoring.Tests.Queries;
using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Tests.Prices;

/// <summary>The service's answers have the costs of tariffs.</summary>
public sealed class TariffCostTests(MonitoringFixture monitoring)
{
    /// <summary>Each month has a change of the clock in one of the zones.</summary>
    [Theory]
    [InlineData("Europe/Berlin", "2025-10")]
    [InlineData("Europe/Berlin", "2025-03")]
    [InlineData("Australia/Lord_Howe", "2025-04")]
    [InlineData("America/Asuncion", "2024-03")]
    [InlineData("Asia/Kathmandu", "2025-03")]
    public async Task The_cost_of_a_month_is_the_sum_of_its_hours_by_the_tariffs_of_the_time(string zone, string month)
    {
        var site = TimeZoneInfo.FindSystemTimeZoneById(zone);
        var first = DateOnly.ParseExact($"{month}-01", "yyyy-MM-dd");
        var last = first.AddMonths(1).AddDays(-1);
        var (one, other) = (await TariffAsync(
            new TariffPrices(null, 0.34m, [new(0.27m, 22, 6, [], []), new(0.41m, 17, 20, [1, 2, 3], [first.Month])], BasePricePerMonth: 12.5m),
            new TariffPrices(first.AddDays(9), 0.36m, [new(0.29m, 1, 4, [6, 7], [])], BasePricePerDay: 0.35m)), await TariffAsync(new TariffPrices(null, -0.02m, [])));
        var device = await DeviceAsync(zone, new(one, null), new(other, first.AddDays(20)), new(null, first.AddDays(25)));
        var same = await DeviceAsync(zone, new(one, null), new(other, first.AddDays(20)), new(null, first.AddDays(25)));
        var hours = Enumerable.Range(0, last.Day).SelectMany(day => SiteClock.HoursOf(first.AddDays(day), site)).ToList();
        var random = new Random(7);
        await monitoring.SeedHoursAsync([.. hours.SelectMany(hour => new[] { (device, hour, random.NextInt64(3_000_000), 1), (same, hour, random.NextInt64(3_000_000), 1) })]);

        foreach (var asked in new[] { device, same })
        {
            var byHour = await RangeAsync("hour", asked);
            var byDay = await RangeAsync("day", asked, asked == device ? [same] : [device]);
            var byMonth = await RangeAsync("month", asked, asked == device ? [same] : [device]);

            var expected = byHour.GetProperty("data").EnumerateArray().Sum(hour => hour.GetProperty("total_consumption").GetDecimal() * PriceOf(hour.GetProperty("start").GetDateTimeOffset()));
            Assert.Equal(expected, byHour.GetProperty("total_cost").GetDecimal());
            Assert.Equal(expected, byHour.GetProperty("data").EnumerateArray().Sum(hour => hour.GetProperty("cost").GetDecimal()));
            Assert.Equal(expected, byDay.GetProperty("data").EnumerateArray().Sum(day => day.GetProperty("cost").GetDecimal()));
            Assert.Equal(expected, byMonth.GetProperty("data")[0].GetProperty("cost").GetDecimal());
            Assert.Equal(0, byMonth.GetProperty("unpriced_consumption").GetDecimal());
            // Nine dates with a share of the month, eleven with a price of their own, and none afterwards.
            var shares = decimal.Round(12.5m * 9 / last.Day, 10) + (11 * 0.35m);
            Assert.Equal([shares, shares, shares], new[] { byHour, byDay, byMonth }.Select(range => range.GetProperty("base_cost").GetDecimal()));
            Assert.Equal(0.35m, byDay.GetProperty("data")[10].GetProperty("base_cost").GetDecimal());
            Assert.Equal("CHF", byMonth.GetProperty("currency").GetString());
        }

        decimal PriceOf(DateTimeOffset start)
        {
            var (date, hour) = (DateOnly.FromDateTime(start.DateTime), start.Hour);
            var day = date.DayNumber - first.DayNumber;
            return day >= 25 ? 0.32m
                : day >= 20 ? -0.02m
                : day >= 9 ? date.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday && hour is >= 1 and < 4 ? 0.29m : 0.36m
                : hour is >= 22 or < 6 ? 0.27m
                : hour is >= 17 and < 20 && date.DayOfWeek is DayOfWeek.Monday or DayOfWeek.Tuesday or DayOfWeek.Wednesday ? 0.41m
                : 0.34m;
        }

        async Task<JsonElement> RangeAsync(string granularity, Guid wanted, params Guid[] others)
        {
            var answer = await monitoring.JsonOfAsync(Questions.Range($"{first:yyyy-MM-dd}", $"{last:yyyy-MM-dd}", granularity, others.Append(wanted)));
            return answer.ValueKind == JsonValueKind.Array ? answer.EnumerateArray().Last() : answer;
        }
    }

    [Fact]
    public async Task A_date_s_base_price_is_for_who_had_the_device_when_it_started_and_for_no_date_before_the_device_or_in_the_future()
    {
        var tariff = await TariffAsync(new TariffPrices(null, 0.30m, [], BasePricePerDay: 1));
        var today = DateOnly.FromDateTime(DateTime.UtcNow);
        var noon = new DateTimeOffset(today.AddDays(-5).ToDateTime(new TimeOnly(12, 0)), TimeSpan.Zero);
        var (always, dated) = (await SinceAsync(noon, new DeviceTariff(tariff, null)), await SinceAsync(noon, new DeviceTariff(tariff, today.AddDays(-8))));
        var (former, owner) = (Guid.NewGuid(), Guid.NewGuid());
        await monitoring.AnnounceAsync(new DeviceUnassigned(former, dated, [new(null, noon.AddDays(2))]), 1);
        await monitoring.AnnounceAsync(new DeviceAssigned(owner, dated, [new(noon.AddDays(2), null)]), 1);
        await Eventually.TrueAsync(() => monitoring.QueryAsync(async db => await db.Mappings.CountAsync(mapping => mapping.DeviceId == dated) == 2), "the mappings are known");

        Assert.Equal(5m, await BaseCostAsync(always));
        Assert.Equal(9m, await BaseCostAsync(dated));
        // Until noon of the third day before today; that date is the former owner's.
        Assert.Equal(6m, await BaseCostAsync(dated, former));
        Assert.Equal(3m, await BaseCostAsync(dated, owner));
        var cost = (await monitoring.JsonOfAsync($"{Questions.Daily(dated)}&date={today:yyyy-MM-dd}")).GetProperty("base_cost");
        Assert.Equal(1m, cost.GetDecimal());

        async Task<decimal> BaseCostAsync(Guid device, Guid? caller = null) =>
            (await monitoring.JsonOfAsync(Questions.Range($"{today.AddDays(-20):yyyy-MM-dd}", $"{today.AddDays(20):yyyy-MM-dd}", "day", device), caller)).GetProperty("base_cost").GetDecimal();
    }

    [Fact]
    public async Task Csv_has_the_costs_and_their_currency()
    {
        var tariff = await TariffAsync(new TariffPrices(null, 0.25m, [], BasePricePerDay: 0.5m));
        var device = await DeviceAsync("UTC", new DeviceTariff(tariff, null));
        await monitoring.SeedHourAsync(device, "2025-06-01T10:00:00Z", 2_000_000);

        var days = await monitoring.CsvOfAsync(Questions.Range("2025-06-01", "2025-06-02", "day", device));
        var hours = await monitoring.CsvOfAsync(Questions.Range("2025-06-01", "2025-06-01", "hour", device));

        Assert.EndsWith(",total_consumption_kwh,measurement_count,expected_count,cost,base_cost,currency,direction", days[0]);
        Assert.EndsWith(",2,1,144,0.50,0.5,CHF,consumption", days[1]);
        Assert.EndsWith(",,0,144,,0.5,CHF,consumption", days[2]);
        Assert.EndsWith(",cost,currency,direction", hours[0]);
        Assert.EndsWith(",0.50,CHF,consumption", hours[11]);
    }

    [Fact]
    public async Task New_prices_of_a_tariff_change_the_cost_of_its_devices()
    {
        var tariff = await TariffAsync(new TariffPrices(null, 0.25m, []));
        var device = await DeviceAsync("UTC", new DeviceTariff(tariff, null));
        await monitoring.SeedHourAsync(device, "2025-06-01T10:00:00Z", 2_000_000);
        await monitoring.SeedHourAsync(device, "2025-06-02T10:00:00Z", 2_000_000);

        await monitoring.AnnounceAsync(new TariffUpdated(tariff, "Tariff", "CHF", [new(null, 0.25m, []), new(new DateOnly(2025, 6, 2), 0.5m, [])], ValidUntil: null), 2);
        await Eventually.TrueAsync(() => monitoring.QueryAsync(db => db.Tariffs.AnyAsync(held => held.Id == tariff && held.Version == 2)), "the new prices are known");
        await monitoring.AnnounceAsync(new TariffDeleted(tariff), 3);
        await Eventually.TrueAsync(() => monitoring.QueryAsync(db => db.Tariffs.AnyAsync(held => held.Id == tariff && held.IsDeleted)), "the tariff is gone");

        // A device that was deleted may have had it, so its prices stay.
        var costs = (await monitoring.JsonOfAsync(Questions.Range("2025-06-01", "2025-06-02", "day", device))).GetProperty("data").EnumerateArray();
        Assert.Equal([0.5m, 1m], costs.Select(day => day.GetProperty("cost").GetDecimal()));
    }

    private async Task<Guid> TariffAsync(params TariffPrices[] prices)
    {
        var id = Guid.NewGuid();
        await monitoring.AnnounceAsync(new TariffUpdated(id, "Tariff", "CHF", prices, ValidUntil: null), 1);
        await Eventually.TrueAsync(() => monitoring.QueryAsync(db => db.Tariffs.AnyAsync(tariff => tariff.Id == id)), "the tariff is known");

        return id;
    }

    private Task<Guid> DeviceAsync(string zone, params DeviceTariff[] tariffs) => DeviceAsync(zone, DateTimeOffset.UnixEpoch, tariffs);

    private Task<Guid> SinceAsync(DateTimeOffset existsFrom, params DeviceTariff[] tariffs) => DeviceAsync("UTC", existsFrom, tariffs);

    private async Task<Guid> DeviceAsync(string zone, DateTimeOffset existsFrom, DeviceTariff[] tariffs)
    {
        var id = Guid.NewGuid();
        await monitoring.AnnounceAsync(MonitoringFixture.Device(id, zone) with { Tariffs = tariffs, ExistsFrom = existsFrom }, 1);
        await Eventually.TrueAsync(() => monitoring.QueryAsync(db => db.Devices.AnyAsync(device => device.Id == id)), "the device is known");

        return id;
    }
}
