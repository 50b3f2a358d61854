using System.Net;
using System.Text.Json;
using EnergyAspire.Contracts;
using EnergyAspire.Monitoring.Hours;
using EnergyAspire.Monitoring.Tests.Queries;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Tests.Statements;

/// <summary>The statement of a month.</summary>
public sealed class StatementTests(MonitoringFixture monitoring)
{
    private static readonly DateOnly ThisMonth = new(DateTime.UtcNow.Year, DateTime.UtcNow.Month, 1);

    /// <summary>Each month has a change of the clock in one of the zones.</summary>
    [Theory]
    [InlineData("Europe/Berlin", "2025-10", 1)]
    [InlineData("Europe/Berlin", "2025-03", 2)]
    [InlineData("Australia/Lord_Howe", "2025-04", 3)]
    [InlineData("America/Asuncion", "2024-03", 4)]
    [InlineData("Asia/Kathmandu", "2025-02", 5)]
    public async Task The_lines_add_up_to_the_month_s_totals(string zone, string month, int seed)
    {
        var (random, site) = (new Random(seed), TimeZoneInfo.FindSystemTimeZoneById(zone));
        var first = DateOnly.ParseExact($"{month}-01", "yyyy-MM-dd");
        var last = first.AddMonths(1).AddDays(-1);
        var tariffs = new List<Guid>();
        while (tariffs.Count < 3)
            tariffs.Add(await TariffAsync("Tariff", [.. Enumerable.Range(0, 3).Select(index => RandomPrices(random, index == 0 ? null : first.AddDays((index * 10) + random.Next(9))))]));
        var devices = new List<Guid>();
        while (devices.Count < 4)
        {
            DeviceTariff[] entries = [new(tariffs[random.Next(3)], null), new(random.Next(2) == 0 ? null : tariffs[random.Next(3)], first.AddDays(random.Next(27)))];
            DeviceSettings[] settings = [new(null, 1, 0.31m, 600), new(SiteClock.Day(first.AddDays(20), site).Start.AddHours(7), 2, 0.31m, 600), new(SiteClock.Day(first.AddDays(25), site).Start.AddMinutes(700), 2, null, 600)];
            devices.Add(await DeviceAsync(zone, device => device with { Tariffs = devices.Count == 0 ? [] : entries, Settings = settings }));
        }

        await monitoring.SeedHoursAsync([.. devices.SelectMany(device => Enumerable.Range(0, last.Day).SelectMany(day => SiteClock.HoursOf(first.AddDays(day), site))
            .Where(_ => random.Next(20) > 0).Select(hour => (device, hour, random.NextInt64(3_000_000), 6)))]);

        var statement = await StatementAsync(month, devices);
        var byMonth = (await monitoring.JsonOfAsync(Questions.Range($"{first:yyyy-MM-dd}", $"{last:yyyy-MM-dd}", "month", devices))).EnumerateArray().ToDictionary(range => range.GetProperty("device_id").GetGuid());
        foreach (var device in statement.GetProperty("devices").EnumerateArray())
        {
            var id = device.GetProperty("device_id").GetGuid();
            var range = byMonth[id];
            foreach (var total in new[] { "total_consumption", "total_cost", "base_cost", "unpriced_consumption", "measurement_count", "expected_count" })
                Assert.Equal(Number(range, total), Number(device, total));
            var (lines, bases) = (device.GetProperty("lines").EnumerateArray().ToList(), device.GetProperty("base_prices").EnumerateArray().ToList());
            Assert.Equal(Number(range, "total_consumption"), lines.Sum(line => Number(line, "consumption")));
            Assert.Equal(Number(range, "total_cost"), lines.Sum(line => Number(line, "cost")));
            Assert.Equal(Number(range, "base_cost") ?? 0, bases.Sum(line => Number(line, "cost")));
            Assert.Equal((Number(range, "total_cost") ?? 0) + (Number(range, "base_cost") ?? 0), Number(device, "amount"));
            Assert.All(lines, line => Assert.Equal(Number(line, "unit_price") * Number(line, "consumption"), Number(line, "cost")));
            Assert.Equal(lines.Count, lines.DistinctBy(line => ($"{line.GetProperty("tariff_id")}", $"{line.GetProperty("start_date")}", $"{line.GetProperty("unit_price")}", $"{line.GetProperty("time_of_use")}", $"{line.GetProperty("is_other_times")}")).Count());

            // Each hour is in a line with its price whose dates contain its own.
            var hours = (await monitoring.JsonOfAsync(Questions.Range($"{first:yyyy-MM-dd}", $"{last:yyyy-MM-dd}", "hour", id))).GetProperty("data").EnumerateArray()
                .Where(hour => hour.GetProperty("is_measured").GetBoolean() && Number(hour, "total_consumption") > 0)
                .Select(hour => (Date: hour.GetProperty("date").GetString(), Energy: Number(hour, "total_consumption")!.Value, Price: Price(hour))).ToList();
            Assert.Equal(
                hours.GroupBy(hour => hour.Price ?? -9).Select(price => (price.Key, price.Sum(hour => hour.Energy))).Order(),
                lines.GroupBy(line => Number(line, "unit_price") ?? -9).Select(price => (price.Key, price.Sum(line => Number(line, "consumption")!.Value))).Order());
            Assert.All(hours, hour => Assert.Contains(lines, line =>
                Number(line, "unit_price") == hour.Price && string.CompareOrdinal($"{line.GetProperty("start_date")}", hour.Date) <= 0 && string.CompareOrdinal($"{line.GetProperty("end_date")}", hour.Date) >= 0));
        }

        Assert.Equal(byMonth.Values.Sum(range => Number(range, "total_consumption")), statement.GetProperty("totals").EnumerateArray().Sum(total => Number(total, "total_consumption")));

        static decimal? Price(JsonElement hour) => Number(hour, "cost") is { } cost ? decimal.Round(cost / Number(hour, "total_consumption")!.Value, 8) : null;
    }

    [Fact]
    public async Task New_prices_and_times_of_use_have_lines_of_their_own_with_their_dates()
    {
        var tariff = await TariffAsync("Day and night",
            new(null, 0.30m, [new(0.20m, 22, 6, [], []), new(0.25m, 12, 14, [6, 7], [6])], BasePricePerMonth: 9), new(new DateOnly(2025, 6, 11), 0.35m, [new(0.20m, 22, 6, [], [])], BasePricePerDay: 0.5m));
        var device = await DeviceAsync("UTC", device => device with { Tariffs = [new(tariff, null), new(null, new DateOnly(2025, 6, 26))] });
        // Noon of the first is a Sunday's.
        foreach (var hour in new[] { "01T12", "02T12", "02T23", "10T05", "11T05", "12T12", "26T12" })
            await monitoring.SeedHourAsync(device, $"2025-06-{hour}:00:00Z", 1_000_000);

        var statement = Device(await StatementAsync("2025-06", [device]));

        Assert.Equal(
            [
                ("Day and night", "2025-06-01", "2025-06-10", 0.20m, "22-6", false, 2m), ("Day and night", "2025-06-01", "2025-06-10", 0.25m, "12-14 6,7 6", false, 1m),
                ("Day and night", "2025-06-01", "2025-06-10", 0.30m, "", true, 1m), ("Day and night", "2025-06-11", "2025-06-25", 0.20m, "22-6", false, 1m),
                ("Day and night", "2025-06-11", "2025-06-25", 0.35m, "", true, 1m), ("", "2025-06-26", "2025-06-30", 0.32m, "", false, 1m),
            ],
            statement.GetProperty("lines").EnumerateArray().Select(line => (
                $"{line.GetProperty("tariff")}", $"{line.GetProperty("start_date")}", $"{line.GetProperty("end_date")}", Number(line, "unit_price")!.Value, Words(line.GetProperty("time_of_use")),
                line.GetProperty("is_other_times").GetBoolean(), Number(line, "consumption")!.Value)));
        Assert.Equal(
            [("2025-06-01", "2025-06-10", 0m, 9m, 10, 3m), ("2025-06-11", "2025-06-25", 0.5m, 0m, 15, 7.5m)],
            statement.GetProperty("base_prices").EnumerateArray().Select(line => (
                $"{line.GetProperty("start_date")}", $"{line.GetProperty("end_date")}", Number(line, "price_per_day")!.Value, Number(line, "price_per_month")!.Value, line.GetProperty("days").GetInt32(), Number(line, "cost")!.Value)));
        Assert.Equal((12.32m, "CHF"), (Number(statement, "amount"), statement.GetProperty("currency").GetString()));

        static string Words(JsonElement time) => time.ValueKind == JsonValueKind.Null
            ? ""
            : $"{time.GetProperty("from_hour")}-{time.GetProperty("until_hour")} {string.Join(',', time.GetProperty("weekdays").EnumerateArray())} {string.Join(',', time.GetProperty("months").EnumerateArray())}".TrimEnd();
    }

    [Fact]
    public async Task Each_of_two_owners_has_the_own_part_and_the_parts_add_up()
    {
        var tariff = await TariffAsync("Tariff", new TariffPrices(null, 0.30m, [new(0.20m, 0, 6, [], [])], BasePricePerMonth: 10));
        var (first, second, device) = (Guid.NewGuid(), Guid.NewGuid(), await DeviceAsync("Europe/Berlin", device => device with { Tariffs = [new(tariff, null)] }));
        var handover = new DateTimeOffset(2025, 10, 12, 13, 20, 0, TimeSpan.FromHours(2));
        await OwnAsync(device, first, new MappingPeriod(Until: handover));
        await OwnAsync(device, second, new MappingPeriod(From: handover));
        var site = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
        await monitoring.SeedHoursAsync([.. Enumerable.Range(1, 31).SelectMany(day => SiteClock.HoursOf(new DateOnly(2025, 10, day), site)).Select((hour, index) => (device, hour, 1_000_000L + index, 6))]);

        var all = Device(await StatementAsync("2025-10", [device]));
        var parts = new[] { await StatementAsync("2025-10", caller: first), await StatementAsync("2025-10", caller: second) }.Select(Device).ToArray();

        foreach (var field in new[] { "total_consumption", "total_cost", "base_cost", "amount", "measurement_count", "expected_count" })
            Assert.Equal(Number(all, field), parts.Sum(part => Number(part, field)));
        // The date of the handover counts for the first one, who had the device when it began.
        Assert.Equal([12, 19], parts.Select(part => Assert.Single(part.GetProperty("base_prices").EnumerateArray()).GetProperty("days").GetInt32()));
        Assert.Equal([("2025-10-01", "2025-10-12"), ("2025-10-12", "2025-10-31")], parts.Select(part => ($"{part.GetProperty("start_date")}", $"{part.GetProperty("end_date")}")));
        Assert.Equal("2025-10-12", $"{parts[0].GetProperty("lines")[0].GetProperty("end_date")}");
        Assert.Equal("2025-10-12", $"{parts[1].GetProperty("lines")[0].GetProperty("start_date")}");
        Assert.Empty((await StatementAsync("2025-11", caller: first)).GetProperty("devices").EnumerateArray());
        Assert.Single((await StatementAsync("2025-09", caller: first)).GetProperty("devices").EnumerateArray());
    }

    [Fact]
    public async Task Without_a_price_the_energy_is_a_line_without_cost()
    {
        var device = await DeviceAsync("UTC", device => device with { Price = null });
        await monitoring.SeedHourAsync(device, "2025-06-01T10:00:00Z", 2_000_000);

        var statement = await StatementAsync("2025-06", [device]);

        var line = Assert.Single(Device(statement).GetProperty("lines").EnumerateArray());
        Assert.Equal((null, null, 2m), (Number(line, "unit_price"), Number(line, "cost"), Number(line, "consumption")));
        Assert.Equal((null, null, 2m), (Number(Device(statement), "total_cost"), Number(Device(statement), "amount"), Number(Device(statement), "unpriced_consumption")));
        Assert.Equal((null, 2m), (Number(statement.GetProperty("totals")[0], "amount"), Number(statement.GetProperty("totals")[0], "unpriced_consumption")));
        Assert.Equal(JsonValueKind.Null, Device(statement).GetProperty("meter_readings").ValueKind);
    }

    [Fact]
    public async Task Totals_are_by_currency_and_a_page_says_where_the_next_one_is()
    {
        var (owner, tariff) = (Guid.NewGuid(), await TariffAsync("Tariff", new TariffPrices(null, 0.5m, [])));
        string[] names = ["A", "B", "C 2", "C 10"];
        var devices = names.Select(name => DeviceAsync("UTC", device => device with { Name = name, Tariffs = name == "B" ? [] : [new(tariff, null)] })).ToArray();
        foreach (var device in await Task.WhenAll(devices))
        {
            await OwnAsync(device, owner, new MappingPeriod());
            await monitoring.SeedHourAsync(device, "2025-06-01T10:00:00Z", 2_000_000);
        }

        var all = await StatementAsync("2025-06", caller: owner);
        using var page = await monitoring.AskAsync("/api/monitoring/statement?month=2025-06&limit=3", owner);
        var next = page.Headers.GetValues("Link").Single().Split('<', '>')[1];
        var rest = await monitoring.JsonOfAsync(next, owner);

        Assert.Equal(names, Names(all));
        Assert.Equal([(null, 0.64m), ("CHF", 3m)], all.GetProperty("totals").EnumerateArray().Select(total => (total.GetProperty("currency").GetString(), Number(total, "amount")!.Value)));
        Assert.Equal(["C 10"], Names(rest));
        Assert.Equal("4", page.Headers.GetValues("X-Total-Count").Single());

        static IEnumerable<string?> Names(JsonElement statement) => statement.GetProperty("devices").EnumerateArray().Select(device => device.GetProperty("name").GetString());
    }

    [Fact]
    public async Task A_month_is_final_when_it_is_over_and_nothing_is_missing()
    {
        var (complete, gaps, month) = (await DeviceAsync("UTC"), await DeviceAsync("UTC"), ThisMonth.AddMonths(-2));
        await SeedAsync(complete, month);
        await SeedAsync(gaps, month, 1);

        Assert.True(await IsFinalAsync(month, complete));
        Assert.False(await IsFinalAsync(month, gaps));
        Assert.False(await IsFinalAsync(month, complete, gaps));
        Assert.False(await IsFinalAsync(ThisMonth, complete));
        // No readings of that time are accepted any more.
        Assert.True(await IsFinalAsync(ThisMonth.AddYears(-3), gaps));

        async Task<bool> IsFinalAsync(DateOnly asked, params Guid[] devices) => (await StatementAsync($"{asked:yyyy-MM}", devices)).GetProperty("is_final").GetBoolean();

        Task SeedAsync(Guid device, DateOnly first, int missing = 0) => monitoring.SeedHoursAsync(
        [
            .. Enumerable.Range(0, DateTime.DaysInMonth(first.Year, first.Month)).SelectMany(day => SiteClock.HoursOf(first.AddDays(day), TimeZoneInfo.Utc)).Skip(missing)
                .Select(hour => (device, hour, 1_000_000L, 6)),
        ]);
    }

    [Fact]
    public async Task The_running_month_ends_today_and_a_new_device_begins_when_it_was_registered()
    {
        var (now, owner) = (DateTimeOffset.UtcNow, Guid.NewGuid());
        var (always, registered) = (await DeviceAsync("UTC"), await DeviceAsync("UTC", device => device with { ExistsFrom = now }));
        await OwnAsync(registered, owner, new MappingPeriod());

        var devices = (await StatementAsync($"{now:yyyy-MM}", [always, registered])).GetProperty("devices").EnumerateArray().ToDictionary(device => device.GetProperty("device_id").GetGuid());
        using var before = await monitoring.AskAsync($"/api/monitoring/statement?month={now.AddMonths(-2):yyyy-MM}&device_id={registered}", owner);

        Assert.Equal(($"{now:yyyy-MM}-01", $"{now:yyyy-MM-dd}"), ($"{devices[always].GetProperty("start_date")}", $"{devices[always].GetProperty("end_date")}"));
        Assert.Equal($"{now:yyyy-MM-dd}", $"{devices[registered].GetProperty("start_date")}");
        Assert.Empty((await StatementAsync($"{now.AddMonths(-2):yyyy-MM}", caller: owner)).GetProperty("devices").EnumerateArray());
        // Asked for by its id, it has an empty statement.
        Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        Assert.Equal("no-store", (await monitoring.AskAsync($"/api/monitoring/statement?month={now:yyyy-MM}", owner)).Headers.CacheControl?.ToString());
        Assert.NotNull(before.Headers.ETag);
    }

    [Fact]
    public async Task Production_is_paid_for_and_has_no_times_of_use_and_base_prices()
    {
        var tariff = await TariffAsync("Tariff", new TariffPrices(null, 0.30m, [new(0.25m, 22, 6, [], [])], BasePricePerDay: 0.1m, FeedInPrice: 0.08m));
        var (consumer, producer) = (
            await DeviceAsync("UTC", device => device with { Tariffs = [new(tariff, null)] }),
            await DeviceAsync("UTC", device => device with { Tariffs = [new(tariff, null)], Direction = EnergyDirection.Production }));
        foreach (var device in new[] { consumer, producer })
        {
            await monitoring.SeedHourAsync(device, "2025-06-01T05:00:00Z", 2_000_000);
            await monitoring.SeedHourAsync(device, "2025-06-01T12:00:00Z", 3_000_000);
        }

        var statement = await StatementAsync("2025-06", [consumer, producer]);

        var given = statement.GetProperty("devices").EnumerateArray().Single(device => device.GetProperty("device_id").GetGuid() == producer);
        var line = Assert.Single(given.GetProperty("lines").EnumerateArray());
        Assert.Equal((-0.08m, 5m, -0.40m, false), (line.GetProperty("unit_price").GetDecimal(), line.GetProperty("consumption").GetDecimal(), line.GetProperty("cost").GetDecimal(), line.GetProperty("is_other_times").GetBoolean()));
        Assert.Equal(("production", -0.40m, 0), (given.GetProperty("direction").GetString(), given.GetProperty("amount").GetDecimal(), given.GetProperty("base_prices").GetArrayLength()));
        var total = Assert.Single(statement.GetProperty("totals").EnumerateArray());
        Assert.Equal((5m, 5m, 3m), (total.GetProperty("total_consumption").GetDecimal(), total.GetProperty("total_production").GetDecimal(), total.GetProperty("base_cost").GetDecimal()));
        Assert.Equal(1.40m - 0.40m + 3m, total.GetProperty("amount").GetDecimal());
    }

    [Fact]
    public async Task Csv_has_a_line_for_each_price_and_for_the_readings()
    {
        var tariff = await TariffAsync("=Tariff", new TariffPrices(null, 0.30m, [new(0.25m, 22, 6, [6, 7], [])], BasePricePerDay: 0.1m));
        var device = await DeviceAsync("UTC", device => device with { Name = "@Device", Tariffs = [new(tariff, null)] });
        await monitoring.SeedHourAsync(device, "2025-06-01T05:00:00Z", 2_000_000, count: 6);
        await monitoring.SeedHourAsync(device, "2025-06-02T05:00:00Z", 1_500_000, count: 6);

        var lines = await monitoring.CsvOfAsync(Address("2025-06", [device]));
        using var file = await monitoring.AskAsync($"{Address("2025-06", [device])}&format=csv");

        Assert.Equal("month,device_id,device_name,time_zone,direction,line,tariff,start_date,end_date,from_hour,until_hour,weekdays,months,unit_price,consumption_kwh,price_per_day,price_per_month,days,cost,currency,measurement_count,expected_count,meter_id,start_timestamp,start_register_kwh,end_timestamp,end_register_kwh", lines[0]);
        var start = $"2025-06,{device},'@Device,UTC,consumption";
        Assert.Equal(
            [
                $"{start},energy,'=Tariff,2025-06-01,2025-06-30,22,6,6 7,,0.25,2,,,,0.50,CHF,,,,,,,",
                $"{start},energy,'=Tariff,2025-06-01,2025-06-30,,,,,0.30,1.5,,,,0.450,CHF,,,,,,,",
                $"{start},base_price,'=Tariff,2025-06-01,2025-06-30,,,,,,,0.1,0,30,3.0,CHF,,,,,,,",
                $"{start},readings,,2025-06-01,2025-06-30,,,,,,,,,,,,12,4320,,,,,",
            ],
            lines[1..]);
        Assert.Equal("statement-2025-06.csv", file.Content.Headers.ContentDisposition?.FileName?.Trim('"'));
    }

    [Theory]
    [InlineData("")]
    [InlineData("?month=2025")]
    [InlineData("?month=2025-13")]
    [InlineData("?month=2025-06-01")]
    [InlineData("?month=1969-12")]
    [InlineData("?month=9000-01")]
    [InlineData("?month=2025-06&format=pdf")]
    [InlineData("?month=2025-06&device_id=heat-pump")]
    [InlineData("?month=2025-06&limit=0")]
    public async Task A_wrong_request_is_refused(string query)
    {
        using var answer = await monitoring.AskAsync($"/api/monitoring/statement{query}");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Another_account_s_device_is_absent_whatever_else_is_wrong()
    {
        var (stranger, device) = (Guid.NewGuid(), await DeviceAsync("UTC"));

        foreach (var address in new[] { Address("2025-06", [device]), Address("someday", [device]), Address("2025-06", [Guid.NewGuid()]) })
        {
            using var answer = await monitoring.AskAsync(address, stranger);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
    }

    private static string Address(string month, IEnumerable<Guid>? devices = null) =>
        $"/api/monitoring/statement?month={month}{string.Concat((devices ?? []).Select(device => $"&device_id={device}"))}";

    private Task<JsonElement> StatementAsync(string month, IEnumerable<Guid>? devices = null, Guid? caller = null) =>
        monitoring.JsonOfAsync(Address(month, devices), caller ?? DevelopmentData.Admin);

    private static JsonElement Device(JsonElement statement) => Assert.Single(statement.GetProperty("devices").EnumerateArray());

    private static decimal? Number(JsonElement element, string field) => element.GetProperty(field) is { ValueKind: JsonValueKind.Number } number ? number.GetDecimal() : null;

    private static TariffPrices RandomPrices(Random random, DateOnly? from) => new(
        from, Price(random), [.. Enumerable.Range(0, random.Next(3)).Select(_ => new TariffTime(Price(random), random.Next(24), random.Next(1, 25), Some(random, 7), Some(random, 12)))],
        Price(random), Price(random) * 20);

    private static decimal Price(Random random) => random.Next(100_000) / 100_000m;

    private static int[] Some(Random random, int most) => random.Next(2) == 0 ? [] : [.. Enumerable.Range(1, most).Where(_ => random.Next(2) == 0)];

    private async Task<Guid> TariffAsync(string name, params TariffPrices[] prices)
    {
        var id = Guid.NewGuid();
        await monitoring.AnnounceAsync(new TariffUpdated(id, name, "CHF", prices, ValidUntil: null), 1);
        await Eventually.TrueAsync(() => monitoring.QueryAsync(db => db.Tariffs.AnyAsync(tariff => tariff.Id == id)), "the tariff is known");

        return id;
    }

    private async Task<Guid> DeviceAsync(string zone, Func<DeviceCreated, DeviceCreated>? change = null)
    {
        var device = MonitoringFixture.Device(Guid.NewGuid(), zone);
        await monitoring.AnnounceAsync(change?.Invoke(device) ?? device, 1);
        await Eventually.TrueAsync(() => monitoring.QueryAsync(db => db.Devices.AnyAsync(held => held.Id == device.Id)), "the device is known");

        return device.Id;
    }

    private async Task OwnAsync(Guid device, Guid owner, MappingPeriod period)
    {
        if (period.Until is null)
            await monitoring.AnnounceAsync(new DeviceAssigned(owner, device, [period]), version: 1);
        else
            await monitoring.AnnounceAsync(new DeviceUnassigned(owner, device, [period]), version: 1);
        await Eventually.TrueAsync(() => monitoring.QueryAsync(db => db.Mappings.AnyAsync(mapping => mapping.DeviceId == device && mapping.UserId == owner)), "the mapping is known");
    }
}
