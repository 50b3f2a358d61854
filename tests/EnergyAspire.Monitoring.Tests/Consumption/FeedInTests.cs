using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.Contracts;
using EnergyAspire.Monitoring.Hours;
using EnergyAspire.Monitoring.Tests.Ledger;
using EnergyAspire.Monitoring.Tests.Queries;
using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Tests.Consumption;

/// <summary>Devices that produce, two-way meters, and balances of several devices.</summary>
public sealed class FeedInTests(MonitoringFixture monitoring)
{
    private static readonly DateTimeOffset Midnight = new(DateTime.UtcNow.Date.AddDays(-3), TimeSpan.Zero);

    [Fact]
    public async Task A_two_way_meter_reports_both_registers_under_its_id()
    {
        var (meter, feedIn) = (Guid.NewGuid(), Guid.NewGuid());
        // The readings of the feed-in come before anybody knows that there is one.
        await monitoring.PublishAsync(Reading(meter, 10, 1m), Reading(meter, 10, 2m, "production"), Reading(meter, 20, 4m, "consumption"), Reading(meter, 20, 8m, "production"));
        await Eventually.GetAsync(() => monitoring.ListAsync($"quarantine?device_id={TwoWayMeter.ProductionId(meter)}"), listed => listed.Count == 2, "the readings wait");
        await AddAsync(MonitoringFixture.Device(meter));
        await AddAsync(FeedInOf(meter, feedIn));

        await StoredBecomeAsync(meter, 5_000_000);
        await StoredBecomeAsync(feedIn, 10_000_000);

        // An exchanged meter has another register, too.
        var next = Guid.NewGuid();
        await monitoring.AnnounceAsync(Updated(FeedInOf(meter, feedIn)) with { Meters = [new(TwoWayMeter.ProductionId(meter), null), new(TwoWayMeter.ProductionId(next), Midnight.AddMinutes(20))] }, 2);
        await monitoring.PublishAsync(Reading(next, 20, 16m, "production"));
        await StoredBecomeAsync(feedIn, 18_000_000);
        var refused = await Eventually.GetAsync(() => monitoring.ListAsync($"quarantine?device_id={TwoWayMeter.ProductionId(meter)}"), listed => listed.Count == 1, "the old meter's reading is taken back");
        Assert.Equal("meter_not_in_use", refused[0].Text("reason"));
    }

    [Fact]
    public async Task Production_is_paid_for()
    {
        var (own, tariffed, unpaid) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        var (tariff, without) = (Guid.NewGuid(), Guid.NewGuid());
        var july = new DateOnly(2025, 7, 1);
        await monitoring.AnnounceAsync(new TariffUpdated(tariff, "Tariff", "CHF", [
            new(null, 0.30m, [new(0.20m, 0, 12, [], [])], BasePricePerDay: 1, FeedInPrice: 0.08m), new(july.AddDays(1), 0.30m, [], BasePricePerMonth: 9, FeedInPrice: 0.05m)], ValidUntil: null), 1);
        await monitoring.AnnounceAsync(new TariffUpdated(without, "Tariff", "CHF", [new(null, 0.30m, [])], ValidUntil: null), 1);
        await Eventually.TrueAsync(() => monitoring.QueryAsync(async db => await db.Tariffs.CountAsync(held => held.Id == tariff || held.Id == without) == 2), "the tariffs are known");
        await AddAsync(Producer(own));
        await AddAsync(Producer(tariffed) with { Tariffs = [new(tariff, null)] });
        await AddAsync(Producer(unpaid) with { Tariffs = [new(without, null)] });
        await monitoring.SeedHoursAsync([.. new[] { own, tariffed, unpaid }.SelectMany(device => new[]
        {
            (device, new DateTimeOffset(2025, 7, 1, 10, 0, 0, TimeSpan.Zero), 2_000_000L, 1), (device, new DateTimeOffset(2025, 7, 2, 13, 0, 0, TimeSpan.Zero), 4_000_000L, 1),
        })]);

        var ranges = (await monitoring.JsonOfAsync(Questions.Range("2025-07-01", "2025-07-02", "day", own, tariffed, unpaid))).EnumerateArray().ToList();

        Assert.Equal([-1.92m, -0.36m, null], ranges.ConvertAll(range => range.GetProperty("total_cost").Deserialize<decimal?>()));
        Assert.Equal([-0.16m, -0.20m], ranges[1].GetProperty("data").EnumerateArray().Select(day => day.GetProperty("cost").GetDecimal()));
        Assert.Equal(6m, ranges[2].GetProperty("unpriced_consumption").GetDecimal());
        Assert.All(ranges, range => Assert.Equal(JsonValueKind.Null, range.GetProperty("base_cost").ValueKind));
    }

    /// <summary>Compares the balance with a plain reference, with hours that some of the devices lack.</summary>
    [Theory]
    [InlineData("Europe/Berlin", "2025-10-20", "2025-11-03")]
    [InlineData("Australia/Lord_Howe", "2025-04-01", "2025-04-10")]
    public async Task A_balance_is_the_sum_of_its_hours(string zone, string first, string last)
    {
        var (start, end, site) = (DateOnly.Parse(first), DateOnly.Parse(last), TimeZoneInfo.FindSystemTimeZoneById(zone));
        var hours = Enumerable.Range(0, end.DayNumber - start.DayNumber + 1).SelectMany(day => SiteClock.HoursOf(start.AddDays(day), site)).ToList();
        var (grid, oven, roof, wall, feedIn) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        await AddAsync(MonitoringFixture.Device(grid, zone));
        await AddAsync(MonitoringFixture.Device(oven, zone));
        await AddAsync(Producer(roof, zone));
        await AddAsync(Producer(wall, zone));
        await AddAsync(FeedInOf(grid, feedIn, zone));
        var random = new Random(16);
        var energies = new[] { grid, oven, roof, wall, feedIn }.ToDictionary(device => device, _ => hours.Where(_ => random.Next(10) > 0).ToDictionary(hour => hour, _ => (Value: random.NextInt64(3_000_000), Count: random.Next(10) > 0 ? 6 : 5)));
        await monitoring.SeedHoursAsync([.. energies.SelectMany(device => device.Value.Select(hour => (device.Key, hour.Key, hour.Value.Value, hour.Value.Count)))]);

        foreach (var devices in new[] { [grid, roof, wall, feedIn], [grid, oven, roof], [grid, feedIn], [roof, wall], new[] { oven } })
        {
            foreach (var granularity in new[] { "hour", "day", "month" })
            {
                var balance = await monitoring.JsonOfAsync(Balance(first, last, granularity, devices));
                var rows = balance.GetProperty("data").EnumerateArray().ToList();
                var expected = hours.Select(hour => Expected([hour])).ToList();

                Assert.Equal(Expected(hours), Sums(balance.GetProperty("total")));
                Assert.Equal(expected.Count(sums => sums.Measured > 0), rows.Sum(row => row.GetProperty("measured_hours").GetInt32()));
                Assert.Equal(Expected(hours).Self, Sum(rows, "self_consumption"));
                if (granularity == "hour")
                    Assert.Equal(expected, rows.ConvertAll(Sums));
                else if (granularity == "day")
                    Assert.Equal(hours.GroupBy(hour => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(hour, site).DateTime)).Select(day => Expected([.. day])), rows.ConvertAll(Sums));
            }

            (decimal? Consumption, decimal? Production, decimal? FeedIn, decimal? Self, decimal? Usage, int Measured, int Incomplete, decimal? Rate, decimal? Sufficiency) Expected(List<DateTimeOffset> span)
            {
                var (consumers, producers, isTwoWay) = (devices.Where(device => device == grid || device == oven).ToList(), devices.Where(device => device == roof || device == wall).ToList(), devices.Contains(feedIn));
                var complete = span.Where(hour => devices.All(device => energies[device].GetValueOrDefault(hour).Count == 6)).ToList();
                var self = complete.Sum(hour => isTwoWay ? Math.Max(0, Of(producers, hour) - Of([feedIn], hour)) : Math.Min(Of(producers, hour), Of(consumers, hour)));
                var (isKnown, behindMeter) = (producers is not [] && devices.Length > producers.Count, isTwoWay && producers is not [] ? self : 0);
                var measured = span.Count(hour => devices.Any(device => energies[device].ContainsKey(hour)));

                return (
                    Known(consumers, span), Known(producers, span), isTwoWay ? span.Sum(hour => Of([feedIn], hour)) : null, isKnown ? self : null,
                    Known(consumers, span) + behindMeter, measured, measured - complete.Count, isKnown ? Share(self, Known(producers, complete)) : null,
                    isKnown ? Share(self, Known(consumers, complete) + behindMeter) : null);
            }

            static decimal? Share(decimal part, decimal? whole) => whole > 0 ? decimal.Round(part / whole.Value, 6) : null;

            decimal? Known(List<Guid> some, List<DateTimeOffset> span) => some is [] ? null : span.Sum(hour => Of(some, hour));

            decimal Of(List<Guid> some, DateTimeOffset hour) => some.Sum(device => energies[device].GetValueOrDefault(hour).Value) / 1_000_000m;
        }

        static decimal? Sum(List<JsonElement> rows, string field) =>
            rows.Select(row => row.GetProperty(field).Deserialize<decimal?>()).Aggregate((decimal?)null, (sum, value) => value is null ? sum : (sum ?? 0) + value);

        static (decimal? Consumption, decimal? Production, decimal? FeedIn, decimal? Self, decimal? Usage, int Measured, int Incomplete, decimal? Rate, decimal? Sufficiency) Sums(JsonElement row) => (
            Value(row, "consumption"), Value(row, "production"), Value(row, "feed_in"), Value(row, "self_consumption"), Value(row, "usage"),
            row.GetProperty("measured_hours").GetInt32(), row.GetProperty("incomplete_hours").GetInt32(), Value(row, "self_consumption_rate"), Value(row, "self_sufficiency"));

        static decimal? Value(JsonElement row, string field) => row.GetProperty(field).Deserialize<decimal?>();
    }

    [Fact]
    public async Task A_balance_shows_only_what_the_caller_may_see_and_has_one_zone()
    {
        var (alice, other) = (Guid.NewGuid(), Guid.NewGuid());
        var (mine, theirs, elsewhere) = (await monitoring.DeviceAsync(owners: alice), await monitoring.DeviceAsync(owners: other), await monitoring.DeviceAsync("Asia/Tokyo", alice));
        await monitoring.SeedHourAsync(mine, "2025-07-01T10:00:00Z", 2_000_000);

        using var foreign = await monitoring.AskAsync(Balance("2025-07-01", "2025-07-01", "day", mine, theirs), alice);
        using var zones = await monitoring.AskAsync(Balance("2025-07-01", "2025-07-01", "day", mine, elsewhere), alice);
        using var longest = await monitoring.AskAsync(Balance("2020-07-01", "2025-07-01", "hour", mine), alice);
        var csv = await monitoring.CsvOfAsync(Balance("2025-07-01", "2025-07-01", "day", mine));

        Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);
        Assert.Equal(["device_id"], await FieldsAsync(zones));
        Assert.Equal(["end_date"], await FieldsAsync(longest));
        Assert.Equal(["time_zone,date,consumption_kwh,production_kwh,feed_in_kwh,self_consumption_kwh,usage_kwh,measured_hours,incomplete_hours,self_consumption_rate,self_sufficiency", "UTC,2025-07-01,2,,,,2,1,1,,"], csv);

        static async Task<string[]> FieldsAsync(HttpResponseMessage answer) =>
            [.. (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").EnumerateObject().Select(error => error.Name)];
    }

    private static string Balance(string start, string end, string granularity, params IEnumerable<Guid> devices) =>
        $"/api/monitoring/balance?{string.Join('&', devices.Select(device => $"device_id={device}"))}&start_date={start}&end_date={end}&granularity={granularity}";

    private static string Reading(Guid meter, int minutes, decimal kilowattHours, string? direction = null) =>
        JsonSerializer.Serialize(new { timestamp = Midnight.AddMinutes(minutes), device_id = meter, measurement_value = kilowattHours, direction });

    private static DeviceCreated Producer(Guid id, string zone = "UTC") => MonitoringFixture.Device(id, zone) with { Direction = EnergyDirection.Production };

    private static DeviceCreated FeedInOf(Guid device, Guid id, string zone = "UTC") =>
        Producer(id, zone) with { FeedInOf = device, Meters = [new(TwoWayMeter.ProductionId(device), null)] };

    private static DeviceUpdated Updated(DeviceCreated device) =>
        new(device.Id, device.Name, device.Description, device.MaxConsumption, device.Price, device.TimeZone, device.ReportingIntervalSeconds) { Direction = device.Direction, FeedInOf = device.FeedInOf };

    private async Task AddAsync(DeviceCreated device)
    {
        await monitoring.AnnounceAsync(device, 1);
        await Eventually.TrueAsync(() => monitoring.QueryAsync(db => db.Devices.AnyAsync(held => held.Id == device.Id)), "the device is known");
    }

    private Task<long> StoredBecomeAsync(Guid device, long energy) => Eventually.GetAsync(
        () => monitoring.QueryAsync(db => db.Hours.Where(hour => hour.DeviceId == device).SumAsync(hour => hour.Energy)), sum => sum == energy, "the hours have the energy");
}
