using EnergyAspire.Contracts;
using EnergyAspire.Monitoring.Registers;

namespace EnergyAspire.Monitoring.Tests.Registers;

/// <summary>Which register readings follow each other, and what lies between them.</summary>
public sealed class RegisterChainTests
{
    private static readonly DateTimeOffset Midnight = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    // A register of 1000 kWh, a limit of 2.4 kWh an hour and a reading each ten minutes: 0.4 kWh within the limit, 40 kWh plausible.
    private static readonly RegisterDevice Device = new(Guid.NewGuid(), 3, TimeZoneInfo.Utc, 2_400_000, 600, [], []);

    [Theory]
    [InlineData("an ordinary meter", "100 100.1 100.1 100.5", "- 0.1 0 0.4")]
    [InlineData("a value of 0 is wrong", "100 0 100.2 100.3", "- ? 0.2 0.1")]
    [InlineData("two values of 0 are wrong", "100 0 0 100.3", "- ? ? 0.3")]
    [InlineData("a value is wrong by a digit", "100 200 100.2 100.3", "- ? 0.2 0.1")]
    [InlineData("a reset", "100 0.2 0.3 0.5", "- 0.2 0.1 0.2")]
    [InlineData("a reset without consumption at first", "100 0 0 0.1", "- 0 0 0.1")]
    [InlineData("three values of 0 are wrong", "100 0 0 0 100.4", "- ? ? ? 0.4")]
    [InlineData("a reset that isn't sure yet", "100 0.2 0.3", "- ? ?")]
    [InlineData("more than the limit allows since a reset", "100 0.5 0.6 0.7", "- ? ? ?")]
    [InlineData("a wrong value within a reset", "100 0.2 77 0.4 0.5 0.6", "- ? ? 0.4 0.1 0.1")]
    [InlineData("a rollover", "999.9 0.3 0.4 0.5", "- 0.4 0.1 0.1")]
    [InlineData("a rollover that isn't sure yet", "999.9 0.3 0.4", "- ? ?")]
    [InlineData("a value of 0 near the end of the register", "999.7 0 999.9 0.2 0.3 0.4", "- ? 0.2 0.3 0.1 0.1")]
    [InlineData("no rollover from the middle", "500 20 20.1 20.2", "- ? ? ?")]
    [InlineData("as much as a hundred limits", "100 140 140.1", "- 40 0.1")]
    [InlineData("more than a hundred limits", "100 140.1 100.3", "- ? 0.3")]
    public void Each_reading_continues_from_the_last_accepted_one(string what, string readings, string energies) =>
        Assert.True(energies == Judged(Device, [.. readings.Split(' ').Select(value => new RegisterReading(default, Value(value), null))]), what);

    [Theory]
    [InlineData(RegisterDecision.Reset, "- 50 0.1")]
    [InlineData(RegisterDecision.NewStart, "- - 0.1")]
    [InlineData(RegisterDecision.Rollover, "- 950 0.1")]
    public void An_admin_decides(RegisterDecision decision, string energies) => Assert.Equal(
        energies, Judged(Device, new(default, Value("100"), null), new(default, Value("50"), decision), new(default, Value("50.1"), null)));

    [Fact]
    public void A_reset_that_an_admin_has_told_is_none_after_a_reading_that_it_continues_from() => Assert.Equal(
        "- 20 30 1", Judged(Device, new(default, Value("100"), null), new(default, Value("20"), RegisterDecision.Reset), new(default, Value("50"), RegisterDecision.Reset), new(default, Value("51"), null)));

    [Fact]
    public void A_value_with_more_digits_than_the_register_has_now_is_no_rollover()
    {
        Assert.Equal("- ? ? ?", Judged(Device, new(default, Value("500000"), null), new(default, Value("50"), null), new(default, Value("50.1"), null), new(default, Value("50.2"), null)));
        Assert.Equal("- ?", Judged(Device, new(default, Value("500000"), null), new(default, Value("50"), RegisterDecision.Rollover)));
    }

    [Fact]
    public void Readings_of_the_next_meter_confirm_no_reset() => Assert.Equal(
        "- ? - 0.1",
        Judged(
            Device with { Meters = [new DeviceMeter(Device.Id, null), new DeviceMeter(Guid.NewGuid(), Midnight.AddMinutes(15))] },
            new(default, Value("100"), null), new(default, Value("0.1"), null), new(default, Value("0.2"), null), new(default, Value("0.3"), null)));

    [Fact]
    public void Nothing_is_counted_between_two_meters() => Assert.Equal(
        "- 0.2 - 0.1",
        Judged(
            Device with { Meters = [new DeviceMeter(Device.Id, null), new DeviceMeter(Guid.NewGuid(), Midnight.AddMinutes(15))] },
            new(default, Value("100"), null), new(default, Value("100.2"), null), new(default, Value("100.3"), null), new(default, Value("100.4"), null)));

    [Fact]
    public void The_limit_and_the_interval_of_the_time_decide()
    {
        // Ten times as much is allowed from the second reading on.
        var device = Device with { Settings = [new DeviceSettings(null, 2.4m, null, 600), new DeviceSettings(Midnight.AddMinutes(10), 24m, null, 600)] };

        Assert.Equal("- 4 0.1 0.1", Judged(device, new(default, Value("100"), null), new(default, Value("4"), null), new(default, Value("4.1"), null), new(default, Value("4.2"), null)));
        Assert.True(Device.Allows(Value("0.4"), Midnight, Midnight.AddSeconds(1), times: 1));
        Assert.False((Device with { IntervalSeconds = 60 }).Allows(Value("0.4"), Midnight, Midnight.AddSeconds(1), times: 1));
    }

    [Fact]
    public void A_register_of_twelve_digits_fits()
    {
        var device = Device with { Digits = 12 };

        Assert.Equal(1_000_000_000_000_000_000, device.Range);
        Assert.Equal("- 0.4 0 0", Judged(device, new(default, device.Range - Value("0.2"), null), new(default, Value("0.2"), null), new(default, Value("0.2"), null), new(default, Value("0.2"), null)));
    }

    private static long Value(string kilowattHours) => (long)(decimal.Parse(kilowattHours, System.Globalization.CultureInfo.InvariantCulture) * 1_000_000);

    /// <summary>Judges readings each ten minutes: the energy before each accepted one, - when none is known, and ? for unclear ones.</summary>
    private static string Judged(RegisterDevice device, params RegisterReading[] readings) => string.Join(' ', RegisterChain
        .Judge(device, [.. readings.Select((reading, index) => reading with { Timestamp = Midnight.AddMinutes(10 * index) })])
        .Select(verdict => !verdict.IsAccepted ? "?" : verdict.EnergyBefore is { } energy ? FormattableString.Invariant($"{energy / 1_000_000m:0.######}") : "-"));
}
