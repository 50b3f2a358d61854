using EnergyAspire.Contracts;
using EnergyAspire.Monitoring.Hours;
using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Tests.Hours;

/// <summary>A device whose site gets another zone: its hours are counted anew from raw readings while readings keep coming.</summary>
public sealed class ZoneChangeTests(MonitoringFixture monitoring)
{
    private static readonly DateTimeOffset First = new(DateTimeOffset.UtcNow.UtcDateTime.Date.AddDays(-20), TimeSpan.Zero);

    [Theory]
    [InlineData("UTC", "Asia/Kolkata")]
    [InlineData("Asia/Kolkata", "Europe/Berlin")]
    [InlineData("America/New_York", "Asia/Kathmandu")]
    public async Task Every_hour_is_that_of_the_new_zone(string before, string after)
    {
        var device = await monitoring.DeviceAsync(before);
        var readings = Readings(count: 1000);
        await PublishAsync(device, readings);
        await CountBecomesAsync(device, readings.Length);

        await ChangeZoneAsync(device, after, version: 2);

        await HoursBecomeAsync(device, readings, after);
    }

    [Fact]
    public async Task Readings_that_come_meanwhile_are_counted_once_and_in_the_right_hour()
    {
        var device = await monitoring.DeviceAsync("UTC");
        var readings = Readings(count: 2800);
        string[] zones = ["Asia/Kolkata", "Europe/Berlin", "Pacific/Chatham", "UTC", "Asia/Kathmandu"];

        for (var part = 0; part < zones.Length; part++)
        {
            var publishing = PublishAsync(device, [.. readings.Skip(part * 560).Take(560)]);
            await ChangeZoneAsync(device, zones[part], version: part + 2);
            await publishing;
        }

        await CountBecomesAsync(device, readings.Length);
        await HoursBecomeAsync(device, readings, zones[^1]);
    }

    [Fact]
    public async Task Hours_that_retention_has_dropped_raw_readings_of_keep_their_energy()
    {
        var device = await monitoring.DeviceAsync("UTC");
        // Days that no other test uses, because their partition goes.
        var day = First.AddDays(-200);
        var readings = Enumerable.Range(0, 288).Select(number => (Time: day.AddMinutes(10 * number), Energy: 1000L + number)).ToArray();
        await PublishAsync(device, readings);
        await CountBecomesAsync(device, readings.Length);
        // Of the hour that starts on the half hour before midnight one half is gone.
        await ChangeZoneAsync(device, "Asia/Kolkata", version: 2);
        await HoursBecomeAsync(device, readings, "Asia/Kolkata");
        await monitoring.ExecuteAsync($"drop table readings_{day:yyyyMMdd}");

        await ChangeZoneAsync(device, "UTC", version: 3);

        await CountBecomesAsync(device, readings.Length);
        Assert.Equal(readings.Sum(reading => reading.Energy), await monitoring.QueryAsync(db => db.Hours.Where(hour => hour.DeviceId == device).SumAsync(hour => hour.Energy)));
    }

    private static (DateTimeOffset Time, long Energy)[] Readings(int count) =>
        [.. Enumerable.Range(0, count).Select(number => (First.AddMinutes(10 * number), 1000L + number))];

    private Task PublishAsync(Guid device, (DateTimeOffset Time, long Energy)[] readings) =>
        monitoring.PublishAsync(readings.Select(reading => MonitoringFixture.Reading(device, reading.Time, Energy.ToKilowattHours(reading.Energy))));

    private async Task ChangeZoneAsync(Guid device, string zone, long version)
    {
        var (id, name, description, limit, price, _, interval) = MonitoringFixture.Device(device, zone);
        await monitoring.AnnounceAsync(new DeviceUpdated(id, name, description, limit, price, zone, interval), version);
        await Eventually.TrueAsync(
            () => monitoring.QueryAsync(db => db.Devices.AnyAsync(known => known.Id == device && known.TimeZone == zone)), $"the device is in {zone}");
    }

    private async Task CountBecomesAsync(Guid device, int count) => await Eventually.GetAsync(
        () => monitoring.QueryAsync(db => db.Hours.Where(hour => hour.DeviceId == device).SumAsync(hour => hour.ReadingCount)),
        counted => counted == count, $"{count} readings are counted");

    private async Task HoursBecomeAsync(Guid device, (DateTimeOffset Time, long Energy)[] readings, string zone)
    {
        var site = TimeZoneInfo.FindSystemTimeZoneById(zone);
        var expected = ReferenceHours.Of(readings.Select(reading => new Sent(reading.Time, reading.Energy, 600)), time => SiteClock.HourStart(time, site))
            .OrderBy(hour => hour.Key)
            .Select(hour => (hour.Key, hour.Value));
        var hours = await monitoring.QueryAsync(db => db.Hours.Where(hour => hour.DeviceId == device).OrderBy(hour => hour.HourStart).ToListAsync());

        Assert.Equal(expected, hours.Select(hour => (hour.HourStart, (hour.Energy, hour.ReadingCount, hour.SpreadCount))));
    }
}
