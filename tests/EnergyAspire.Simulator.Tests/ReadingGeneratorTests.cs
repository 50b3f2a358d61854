using System.Text;
using CsCheck;
using EnergyAspire.Simulator.Readings;

namespace EnergyAspire.Simulator.Tests;

public sealed class ReadingGeneratorTests
{
    private static readonly Guid Device = new("00000000-0000-7000-8000-0000000000d1");
    private static readonly DateTimeOffset Midnight = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan TenMinutes = TimeSpan.FromMinutes(10);

    private const string GoldenReading =
        """{"timestamp":"2026-03-01T18:00:00Z","device_id":"00000000-0000-7000-8000-0000000000d1","measurement_value":0.04966}""";

    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(5, 0.5)]
    [InlineData(6, 1.2)]
    [InlineData(8, 1.2)]
    [InlineData(9, 0.8)]
    [InlineData(16, 0.8)]
    [InlineData(17, 1.5)]
    [InlineData(21, 1.5)]
    [InlineData(22, 0.7)]
    [InlineData(23, 0.7)]
    public void A_reading_is_the_base_load_by_the_multiplier_of_its_hour_and_varies_by_up_to_ten_percent(int hour, double multiplier)
    {
        var generator = new ReadingGenerator(LoadPattern.Defaults, TenMinutes, seed: 0, TenMinutes);
        var expected = 0.25 * multiplier * 1_000_000;

        var factors = Enumerable.Range(0, 360)
            .Select(number => generator.Read(Meter(0.25), Midnight.AddDays(number / 6).AddHours(hour).AddMinutes(number % 6 * 10)).Energy / expected)
            .ToList();

        Assert.All(factors, factor => Assert.InRange(factor, 0.9 - 1e-6, 1.1 + 1e-6));
        Assert.InRange(factors.Average(), 0.98, 1.02);
        Assert.True(factors.Max() > 1.05 && factors.Min() < 0.95, "the variation reaches both ways");
    }

    [Fact]
    public void Energy_is_in_proportion_to_the_interval()
    {
        var perMinute = new ReadingGenerator(LoadPattern.Defaults, TimeSpan.FromMinutes(1), seed: 0, TenMinutes);
        var perTen = new ReadingGenerator(LoadPattern.Defaults, TenMinutes, seed: 0, TenMinutes);

        Assert.Equal(perTen.Read(Meter(2), Midnight).Energy / 10.0, perMinute.Read(Meter(2), Midnight).Energy, tolerance: 1);
    }

    [Fact]
    public void Pattern_hours_are_hours_of_the_meters_zone()
    {
        var generator = new ReadingGenerator([new LoadPattern("noon", [12], 100)], TenMinutes, seed: 0, TenMinutes);
        var kolkata = Meter(0.25) with { TimeZone = TimeZoneInfo.FindSystemTimeZoneById("Asia/Kolkata") };

        Assert.InRange(generator.Read(kolkata, Midnight.AddHours(6.5)).Energy, 22_500_000, 27_500_000);
        Assert.InRange(generator.Read(kolkata, Midnight.AddHours(12)).Energy, 225_000, 275_000);
    }

    [Fact]
    public void The_same_seed_gives_the_same_readings_and_another_seed_others() =>
        Gen.Select(Gen.Long, Gen.Guid, Gen.Int[0, 100_000]).Sample((seed, device, interval) =>
        {
            var meter = Meter(0.25) with { DeviceId = device };
            var timestamp = Midnight.AddMinutes(10 * interval);
            MeterReading Read(long with) => new ReadingGenerator(LoadPattern.Defaults, TenMinutes, with, TenMinutes).Read(meter, timestamp);

            return Read(seed) == Read(seed) && (Read(seed) != Read(seed + 1) || Read(seed) != Read(seed + 2));
        });

    [Fact]
    public void A_value_stays_what_it_is_over_versions_because_a_restart_sends_it_again() =>
        Assert.Equal(GoldenReading, Encoding.UTF8.GetString(
            new ReadingGenerator(LoadPattern.Defaults, TimeSpan.FromMinutes(1), seed: 0, TenMinutes).Read(Meter(0.325), Midnight.AddHours(18)).ToMessage().Span));

    [Fact]
    public void A_message_is_what_meters_send()
    {
        var reading = new MeterReading(Device, new DateTimeOffset(2026, 3, 29, 2, 50, 0, TimeSpan.FromHours(2)), 231_000);

        Assert.Equal(
            """{"timestamp":"2026-03-29T00:50:00Z","device_id":"00000000-0000-7000-8000-0000000000d1","measurement_value":0.231}""",
            Encoding.UTF8.GetString(reading.ToMessage().Span));
    }

    [Fact]
    public void Meters_of_a_fleet_have_ids_of_their_own_that_come_from_the_seed()
    {
        var ids = Enumerable.Range(0, 10_000).Select(number => Noise.DeviceId(7, number)).ToList();

        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.Equal(ids[42], Noise.DeviceId(7, 42));
        Assert.NotEqual(ids[42], Noise.DeviceId(8, 42));
        Assert.Equal(8, ids[0].Version);
    }

    private static Meter Meter(double baseLoad) => new(Device, baseLoad, TimeZoneInfo.Utc);
}
