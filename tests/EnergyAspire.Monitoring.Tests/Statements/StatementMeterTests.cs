using System.Text.Json;
using EnergyAspire.Contracts;
using EnergyAspire.Monitoring.Tests.Queries;
using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Tests.Statements;

/// <summary>A statement has the registers of the meters at both ends.</summary>
public sealed class StatementMeterTests(MonitoringFixture monitoring)
{
    private static readonly DateTimeOffset Start = new(DateTime.UtcNow.Year, DateTime.UtcNow.Month, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Month = Start.AddMonths(-2);
    private static readonly DateTimeOffset End = Month.AddMonths(1);

    [Fact]
    public async Task They_are_the_last_readings_at_both_ends_or_before()
    {
        var device = await DeviceAsync();
        await SendAsync(device, device, (Month.AddHours(-3), 90), (Month.AddMinutes(-5), 100), (Month.AddHours(1), 101), (End.AddMinutes(-20), 300), (End.AddMinutes(15), 301));

        var meter = Assert.Single(await MetersAsync(device));

        Assert.Equal((device, Month, End, Month.AddMinutes(-5), 100m, End.AddMinutes(-20), 300m), Read(meter));
        var csv = await monitoring.CsvOfAsync(Address(device));
        Assert.Contains(csv, line => line.Contains(",meter,", StringComparison.Ordinal) && line.EndsWith($",{device},{Month.AddMinutes(-5):yyyy-MM-dd'T'HH:mm:ss}+00:00,100,{End.AddMinutes(-20):yyyy-MM-dd'T'HH:mm:ss}+00:00,300", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_reading_at_the_end_of_the_month_belongs_to_it_and_to_the_start_of_the_next()
    {
        var device = await DeviceAsync();
        await SendAsync(device, device, (Month, 100), (End, 300));

        Assert.Equal((device, Month, End, Month, 100m, End, 300m), Read(Assert.Single(await MetersAsync(device))));
        Assert.Equal(300m, (await MetersAsync(device, End))[0].GetProperty("start").GetProperty("register_value").GetDecimal());
    }

    [Fact]
    public async Task A_meter_that_began_in_the_month_starts_with_its_first_reading_and_one_without_readings_has_none()
    {
        var (begun, silent, interval) = (await DeviceAsync(), await DeviceAsync(), await monitoring.DeviceAsync());
        await SendAsync(begun, begun, (Month.AddDays(3), 5), (Month.AddDays(4), 6));

        Assert.Equal((begun, Month, End, Month.AddDays(3), 5m, Month.AddDays(4), 6m), Read(Assert.Single(await MetersAsync(begun))));
        var none = Assert.Single(await MetersAsync(silent));
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (none.GetProperty("start").ValueKind, none.GetProperty("end").ValueKind));
        Assert.Equal(JsonValueKind.Null, (await StatementAsync(interval, Month)).GetProperty("meter_readings").ValueKind);
        Assert.Equal(JsonValueKind.Null, (await MetersAsync(begun, Month.AddMonths(-1)))[0].GetProperty("end").ValueKind);
        Assert.Equal(6m, (await MetersAsync(begun, End))[0].GetProperty("end").GetProperty("register_value").GetDecimal());
    }

    [Fact]
    public async Task Each_meter_of_a_device_has_its_own()
    {
        var (meter, replaced) = (Guid.NewGuid(), Month.AddDays(12).AddHours(9));
        var device = await DeviceAsync(replaced, meter);
        await SendAsync(device, device, (Month.AddHours(-1), 100), (replaced.AddHours(-1), 250));
        await SendAsync(device, meter, (replaced, 3), (replaced.AddHours(1), 4), (End.AddHours(-1), 77), (End.AddHours(1), 78));

        Assert.Equal(
            [(device, Month, replaced, Month.AddHours(-1), 100m, replaced.AddHours(-1), 250m), (meter, replaced, End, replaced, 3m, End.AddHours(-1), 77m)],
            (await MetersAsync(device)).Select(Read));
        Assert.Equal([meter], (await MetersAsync(device, End)).Select(use => use.GetProperty("meter_id").GetGuid()));
    }

    [Fact]
    public async Task A_handover_ends_and_begins_with_the_same_reading()
    {
        var (first, second, device, handover) = (Guid.NewGuid(), Guid.NewGuid(), await DeviceAsync(), Month.AddDays(9));
        await SendAsync(device, device, (Month.AddHours(-1), 100), (handover.AddHours(-1), 150), (handover.AddHours(1), 151), (End, 400));
        await monitoring.AnnounceAsync(new DeviceUnassigned(first, device, [new MappingPeriod(Until: handover)]), version: 1);
        await monitoring.AnnounceAsync(new DeviceAssigned(second, device, [new MappingPeriod(From: handover)]), version: 1);
        await Eventually.TrueAsync(() => monitoring.QueryAsync(async db => await db.Mappings.CountAsync(mapping => mapping.DeviceId == device) == 2), "the mappings are known");

        Assert.Equal((device, Month, handover, Month.AddHours(-1), 100m, handover.AddHours(-1), 150m), Read(Assert.Single(await MetersAsync(device, caller: first))));
        Assert.Equal((device, handover, End, handover.AddHours(-1), 150m, End, 400m), Read(Assert.Single(await MetersAsync(device, caller: second))));
    }

    [Fact]
    public async Task Where_retention_has_dropped_the_readings_of_the_start_it_is_unknown()
    {
        var device = await DeviceAsync();
        await SendAsync(device, device, (Month.AddHours(-1), 100), (Month.AddDays(3), 172), (End.AddHours(-1), 700));
        await monitoring.ExecuteAsync($"delete from readings where device_id = '{device}' and timestamp < '{Month:yyyy-MM-dd}Z'");

        var meter = Assert.Single(await MetersAsync(device));

        Assert.Equal((JsonValueKind.Null, 700m), (meter.GetProperty("start").ValueKind, meter.GetProperty("end").GetProperty("register_value").GetDecimal()));
    }

    private static (Guid Meter, DateTimeOffset From, DateTimeOffset Until, DateTimeOffset StartAt, decimal Start, DateTimeOffset EndAt, decimal End) Read(JsonElement meter)
    {
        var (start, end) = (meter.GetProperty("start"), meter.GetProperty("end"));
        return (
            meter.GetProperty("meter_id").GetGuid(), meter.GetProperty("from").GetDateTimeOffset(), meter.GetProperty("until").GetDateTimeOffset(),
            start.GetProperty("timestamp").GetDateTimeOffset(), start.GetProperty("register_value").GetDecimal(), end.GetProperty("timestamp").GetDateTimeOffset(), end.GetProperty("register_value").GetDecimal());
    }

    private static string Address(Guid device, DateTimeOffset? month = null) => $"/api/monitoring/statement?month={month ?? Month:yyyy-MM}&device_id={device}";

    private async Task<JsonElement> StatementAsync(Guid device, DateTimeOffset month, Guid? caller = null) =>
        Assert.Single((await monitoring.JsonOfAsync(Address(device, month), caller)).GetProperty("devices").EnumerateArray());

    private async Task<JsonElement[]> MetersAsync(Guid device, DateTimeOffset? month = null, Guid? caller = null) =>
        [.. (await StatementAsync(device, month ?? Month, caller)).GetProperty("meter_readings").EnumerateArray()];

    private async Task<Guid> DeviceAsync(DateTimeOffset? replaced = null, Guid meter = default)
    {
        var id = Guid.NewGuid();
        await monitoring.AnnounceAsync(
            MonitoringFixture.Device(id) with { RegisterDigits = 6, MaxConsumption = 1000, Meters = replaced is null ? [] : [new(id, null), new(meter, replaced)] }, version: 1);
        await Eventually.TrueAsync(() => monitoring.QueryAsync(db => db.Devices.AnyAsync(device => device.Id == id)), "the device is known");

        return id;
    }

    private async Task SendAsync(Guid device, Guid meter, params (DateTimeOffset Time, decimal Register)[] readings)
    {
        await monitoring.PublishAsync(readings.Select(reading => FormattableString.Invariant(
            $$"""{"timestamp": "{{reading.Time.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}}", "device_id": "{{meter}}", "register_value": {{reading.Register}}}""")));
        await Eventually.TrueAsync(() => monitoring.QueryAsync(async db =>
            (await db.Database.SqlQuery<DateTimeOffset>($"""select timestamp as "Value" from readings where device_id = {device}""").ToListAsync()) is var stored
            && readings.All(reading => stored.Contains(reading.Time))), "the readings are stored");
    }
}
