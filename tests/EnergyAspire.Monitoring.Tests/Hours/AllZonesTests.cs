using System.Text.Json;
using CsCheck;
using EnergyAspire.Monitoring.Hours;
using EnergyAspire.Monitoring.Tests.Queries;
using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Tests.Hours;

public sealed class AllZonesTests(MonitoringFixture monitoring)
{
    private const int DevicesInOneCall = 100;

    private static readonly Gen<(int Minute, long Energy)[]> AnyReadings =
        Gen.Select(Gen.Int[0, (366 * 24 * 60) - 1], Gen.Long[0, 10_000_000_000]).Array[150];

    [Theory]
    [InlineData(2026, 10)]
    [InlineData(2025, 3)]
    [InlineData(2044, 3)]
    public async Task Hours_sum_to_days_and_months_exactly_in_every_zone(int year, int detailedMonth)
    {
        var sites = TimeZoneInfo.GetSystemTimeZones().Select(zone => new Site(Guid.NewGuid(), zone, ReadingsOf(year))).ToList();
        await KnowAsync(sites);
        await monitoring.SeedHoursAsync([.. sites.SelectMany(site => site.Readings
            .GroupBy(reading => SiteClock.HourStart(reading.Time, site.Zone))
            .Select(hour => (site.Id, hour.Key, hour.Sum(reading => reading.Energy), hour.Count())))]);

        var (month, end) = ($"{year}-{detailedMonth:00}", new DateOnly(year, detailedMonth, DateTime.DaysInMonth(year, detailedMonth)));
        foreach (var together in sites.Chunk(DevicesInOneCall))
        {
            var ids = together.Select(site => site.Id).ToArray();
            var months = await monitoring.JsonOfAsync(Questions.Range($"{year}-01-01", $"{year}-12-31", "month", ids));
            var days = await monitoring.JsonOfAsync(Questions.Range($"{year}-01-01", $"{year}-12-31", "day", ids));
            var hours = await monitoring.JsonOfAsync(Questions.Range($"{month}-01", $"{end:yyyy-MM-dd}", "hour", ids));

            foreach (var (index, site) in together.Index())
            {
                AssertMatches(site.Sums(local => $"{local:yyyy-MM}", year), months[index], "month");
                AssertMatches(site.Sums(local => $"{local:yyyy-MM-dd}", year), days[index], "date");
                AssertMatches(
                    site.Sums(local => $"{local:yyyy-MM-dd}", year).Where(day => day.Key.StartsWith(month, StringComparison.Ordinal)).ToDictionary(),
                    hours[index], "date");
            }
        }
    }

    private static void AssertMatches(Dictionary<string, (long Energy, int Count)> expected, JsonElement range, string key)
    {
        var found = range.GetProperty("data").EnumerateArray()
            .GroupBy(entry => entry.GetProperty(key).GetString()!)
            .Select(entries => (entries.Key, Energy: entries.Sum(EnergyOf), Count: entries.Sum(CountOf)))
            .Where(sum => sum.Count > 0)
            .ToDictionary(sum => sum.Key, sum => (sum.Energy, sum.Count));

        Assert.Equal(expected.OrderBy(sum => sum.Key), found.OrderBy(sum => sum.Key));
        Assert.Equal(expected.Values.Sum(sum => sum.Energy), EnergyOf(range));
        Assert.Equal(expected.Values.Sum(sum => sum.Count), CountOf(range));
        Assert.Equal(
            range.GetProperty("expected_count").GetInt32(),
            range.GetProperty("data").EnumerateArray().Sum(entry => entry.GetProperty("expected_count").GetInt32()));
    }

    private static long EnergyOf(JsonElement sums) => (long)(sums.GetProperty("total_consumption").GetDecimal() * Energy.MilliwattHoursPerKilowattHour);

    private static int CountOf(JsonElement sums) => sums.GetProperty("measurement_count").GetInt32();

    private static (DateTimeOffset Time, long Energy)[] ReadingsOf(int year)
    {
        var start = new DateTimeOffset(year, 1, 1, 0, 0, 0, TimeSpan.Zero);
        return [.. AnyReadings.Single().DistinctBy(reading => reading.Minute).Select(reading => (start.AddMinutes(reading.Minute), reading.Energy))];
    }

    private async Task KnowAsync(List<Site> sites)
    {
        await Task.WhenAll(sites.Select(site => monitoring.AnnounceAsync(MonitoringFixture.Device(site.Id, site.Zone.Id), version: 1)));
        var ids = sites.ConvertAll(site => site.Id);
        await Eventually.TrueAsync(
            async () => await monitoring.QueryAsync(db => db.Devices.CountAsync(device => ids.Contains(device.Id))) == ids.Count,
            "the devices are known");
    }

    /// <summary>A meter in a zone, and what it reported.</summary>
    private sealed record Site(Guid Id, TimeZoneInfo Zone, (DateTimeOffset Time, long Energy)[] Readings)
    {
        /// <summary>Adds up by what the site's wall clock showed, with nothing of the service's own arithmetic.</summary>
        public Dictionary<string, (long Energy, int Count)> Sums(Func<DateTimeOffset, string> period, int year) => Readings
            .Select(reading => (Local: TimeZoneInfo.ConvertTime(reading.Time, Zone), reading.Energy))
            .Where(reading => reading.Local.Year == year)
            .GroupBy(reading => period(reading.Local))
            .ToDictionary(readings => readings.Key, readings => (readings.Sum(reading => reading.Energy), readings.Count()));
    }
}
