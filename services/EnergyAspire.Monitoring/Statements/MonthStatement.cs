using System.Globalization;
using EnergyAspire.Contracts;
using EnergyAspire.Monitoring.Consumption;
using EnergyAspire.Monitoring.Hours;
using EnergyAspire.Monitoring.Prices;

namespace EnergyAspire.Monitoring.Statements;

/// <summary>Statement of a month.</summary>
/// <param name="Month">Month as <c>YYYY-MM</c> at the sites of the devices.</param>
/// <param name="IsFinal">Whether the statement of every device of the page is final.</param>
/// <param name="Totals">Totals of these devices by currency.</param>
/// <param name="Devices">Devices, sorted by name.</param>
public sealed record MonthStatement(string Month, bool IsFinal, IReadOnlyList<StatementTotal> Totals, IReadOnlyList<StatementOfDevice> Devices)
{
    /// <summary>Creates the response.</summary>
    internal static MonthStatement From(DateOnly month, List<DeviceStatement> devices, bool isPast) => new(
        month.ToString("yyyy-MM", CultureInfo.InvariantCulture),
        isPast && devices.TrueForAll(device => device.IsFinal),
        [
            .. devices.GroupBy(device => device.Consumption.Currency, StringComparer.Ordinal).OrderBy(devices => devices.Key, StringComparer.Ordinal).Select(StatementTotal.From),
        ],
        devices.ConvertAll(StatementOfDevice.From));
}

/// <summary>Totals of the devices with the same currency.</summary>
/// <param name="Currency">Currency, ISO 4217; null for the installation's.</param>
/// <param name="TotalConsumption">Sum of the devices that consume, in kWh.</param>
/// <param name="TotalCost">Cost of the hours with a price, without base prices and less what is paid for production; null when there is no reading in such an hour.</param>
/// <param name="BaseCost">Base prices; null when there are none.</param>
/// <param name="Amount">Cost with base prices; null when there is neither.</param>
/// <param name="UnpricedConsumption">kWh of the hours without a price.</param>
/// <param name="TotalProduction">Sum of the devices that produce, without the feed-ins of two-way meters, in kWh.</param>
/// <param name="TotalFeedIn">Sum of the feed-ins of two-way meters in kWh. Generators may have produced it.</param>
public sealed record StatementTotal(
    string? Currency, decimal TotalConsumption, decimal? TotalCost, decimal? BaseCost, decimal? Amount, decimal UnpricedConsumption, decimal TotalProduction,
    decimal TotalFeedIn)
{
    internal static StatementTotal From(IGrouping<string?, DeviceStatement> devices) => new(
        devices.Key, Sum(devices, BalanceKind.Consumption), Sum(devices.Select(device => device.Consumption.Cost)),
        Sum(devices.Select(device => device.Consumption.BaseCost)), Sum(devices.Select(device => device.Amount)),
        Energy.ToKilowattHours(devices.Sum(device => device.Consumption.UnpricedEnergy)), Sum(devices, BalanceKind.Production), Sum(devices, BalanceKind.FeedIn));

    private static decimal Sum(IEnumerable<DeviceStatement> devices, BalanceKind kind) =>
        Energy.ToKilowattHours(devices.Where(device => BalanceQuery.KindOf(device.Consumption.Device) == kind).Sum(device => device.Consumption.Energy));

    private static decimal? Sum(IEnumerable<decimal?> costs) => costs.Aggregate((sum, cost) => sum is null ? cost : sum + (cost ?? 0));
}

/// <summary>Statement of a device.</summary>
/// <param name="DeviceId">Device id.</param>
/// <param name="Name">Present name.</param>
/// <param name="Description">Free text, may be empty.</param>
/// <param name="TimeZone">IANA zone of the site.</param>
/// <param name="StartDate">First date of the month on which the device existed and was the caller's; null when there is none.</param>
/// <param name="EndDate">Last such date so far; null when there is none.</param>
/// <param name="IsFinal">
/// Whether the month is over and either all expected readings have come or readings of it are no longer accepted. Afterwards only corrections of prices,
/// meters and stored readings change the statement.
/// </param>
/// <param name="TotalConsumption">Sum of <c>lines</c> in kWh.</param>
/// <param name="TotalCost">Sum of the costs of <c>lines</c>, without base prices; null when there is no reading in an hour with a price.</param>
/// <param name="BaseCost">Sum of <c>base_prices</c>; null when there are none.</param>
/// <param name="Amount">Cost with base prices; null when there is neither.</param>
/// <param name="Currency">Currency of the costs, ISO 4217; null for the installation's.</param>
/// <param name="UnpricedConsumption">kWh of the hours without a price, which are in no cost.</param>
/// <param name="MeasurementCount">Number of readings in the month.</param>
/// <param name="ExpectedCount">Number of readings expected by now; more than <c>measurement_count</c> when readings are missing.</param>
/// <param name="Lines">Energy by price. Prices without a reading in their hours have no line.</param>
/// <param name="BasePrices">Base prices by the prices of a tariff.</param>
/// <param name="MeterReadings">
/// Meters that were in use, with their registers; two when the meter was replaced. Null for a device whose meter reports the energy of intervals.
/// </param>
/// <param name="Direction"><c>consumption</c>, or <c>production</c> for a device that gives energy. Its prices and costs are negative.</param>
/// <param name="FeedInOf">Device of whose two-way meter this one is the feed-in; null when it is none.</param>
public sealed record StatementOfDevice(
    Guid DeviceId, string Name, string Description, string TimeZone, DateOnly? StartDate, DateOnly? EndDate, bool IsFinal, decimal TotalConsumption,
    decimal? TotalCost, decimal? BaseCost, decimal? Amount, string? Currency, decimal UnpricedConsumption, int MeasurementCount, int ExpectedCount,
    IReadOnlyList<EnergyLine> Lines, IReadOnlyList<BasePriceLine> BasePrices, IReadOnlyList<StatementMeter>? MeterReadings, string Direction, Guid? FeedInOf)
{
    internal static StatementOfDevice From(DeviceStatement statement)
    {
        var (consumption, device) = (statement.Consumption, statement.Consumption.Device);
        return new StatementOfDevice(
            device.Id, device.Name, device.Description, device.TimeZone, statement.Dates?.First, statement.Dates?.Last, statement.IsFinal,
            Energy.ToKilowattHours(consumption.Energy), consumption.Cost, consumption.BaseCost, statement.Amount, consumption.Currency,
            Energy.ToKilowattHours(consumption.UnpricedEnergy), consumption.ReadingCount, consumption.ExpectedCount,
            [.. statement.Energy.Select(line => EnergyLine.From(line, statement))], [.. statement.BasePrices.Select(line => BasePriceLine.From(line, statement))],
            statement.Meters is { } meters ? [.. meters.Select(meter => StatementMeter.Of(meter, consumption.Zone))] : null,
            device.Direction ?? EnergyDirection.Consumption, device.FeedInOf);
    }
}

/// <summary>Energy of a device in a month that has the same price.</summary>
/// <param name="TariffId">Tariff; null for the device's own price.</param>
/// <param name="Tariff">Name of the tariff; null for the device's own price, and for a tariff that isn't known yet.</param>
/// <param name="StartDate">First date of the month on which the prices are valid.</param>
/// <param name="EndDate">Last such date so far. A price of its own may change within a date.</param>
/// <param name="UnitPrice">Price per kWh; null when the hours have no price.</param>
/// <param name="TimeOfUse">Hours that have the price; null for all hours, or all others.</param>
/// <param name="IsOtherTimes">Whether the price is that of all hours that are in none of the times of use of the tariff.</param>
/// <param name="Consumption">kWh.</param>
/// <param name="Cost">Cost, not rounded; null without a price.</param>
public sealed record EnergyLine(
    Guid? TariffId, string? Tariff, DateOnly StartDate, DateOnly EndDate, decimal? UnitPrice, TimeOfUse? TimeOfUse, bool IsOtherTimes, decimal Consumption,
    decimal? Cost)
{
    internal static EnergyLine From(PricedSum line, DeviceStatement statement)
    {
        var (slot, schedule, dates) = (line.Slot, statement.Schedule, statement.DatesOf(line.Slot));
        var entry = slot.Entry < 0 ? null : schedule.Entries[slot.Entry];
        var times = schedule.IsProduction ? [] : schedule.PricesOf(slot)?.Times ?? [];

        return new EnergyLine(
            entry?.TariffId, entry is null ? null : schedule.TariffOf(entry)?.Name, dates.First, dates.Last, line.UnitPrice,
            slot.Time < 0 ? null : TimeOfUse.From(times[slot.Time]), slot.Time < 0 && times is not [], Energy.ToKilowattHours(line.Energy), line.Cost);
    }
}

/// <summary>Hours on the site's clock.</summary>
/// <param name="FromHour">First hour, 0 to 23.</param>
/// <param name="UntilHour">Hour at which it ends, exclusive, 1 to 24. When it isn't after <paramref name="FromHour"/>, the time goes over midnight.</param>
/// <param name="Weekdays">Days of the week, 1 (Monday) to 7 (Sunday), to which the hours belong; empty for all.</param>
/// <param name="Months">Months, 1 to 12, to which the hours belong; empty for all.</param>
public sealed record TimeOfUse(int FromHour, int UntilHour, IReadOnlyList<int> Weekdays, IReadOnlyList<int> Months)
{
    internal static TimeOfUse From(TariffTime time) => new(time.FromHour, time.UntilHour, time.Weekdays, time.Months);
}

/// <summary>Base prices of a device in a month by the same prices of a tariff.</summary>
/// <param name="TariffId">Tariff.</param>
/// <param name="Tariff">Name of the tariff.</param>
/// <param name="StartDate">First date that counts.</param>
/// <param name="EndDate">Last date that counts.</param>
/// <param name="PricePerDay">Price of each date.</param>
/// <param name="PricePerMonth">Price of each month; a date has its share of it.</param>
/// <param name="Days">Number of dates that count: those that have begun, at whose start the device was the caller's.</param>
/// <param name="Cost">Their sum, not rounded.</param>
public sealed record BasePriceLine(
    Guid TariffId, string Tariff, DateOnly StartDate, DateOnly EndDate, decimal PricePerDay, decimal PricePerMonth, int Days, decimal Cost)
{
    internal static BasePriceLine From(BasePriceSum line, DeviceStatement statement)
    {
        var schedule = statement.Schedule;
        var (tariff, prices) = (schedule.TariffOf(schedule.Entries[line.Slot.Entry])!, schedule.PricesOf(line.Slot)!);

        return new BasePriceLine(tariff.Id, tariff.Name, line.First, line.Last, prices.BasePricePerDay, prices.BasePricePerMonth, line.Days, line.Cost);
    }
}

/// <summary>A meter that was in use, with its register at the start and the end.</summary>
/// <param name="MeterId">Id with which the meter reports.</param>
/// <param name="From">Start of the time in which it was in use for the device and the device was the caller's.</param>
/// <param name="Until">End of this time so far, exclusive.</param>
/// <param name="Start">
/// Last reading at the start or before it. Without an earlier reading of the meter, the first one. Null when there is none, or when readings of this time
/// were dropped.
/// </param>
/// <param name="End">Last reading at the end or before it; null when there is none, or when it was dropped.</param>
public sealed record StatementMeter(Guid MeterId, DateTimeOffset From, DateTimeOffset Until, MeterReading? Start, MeterReading? End)
{
    internal static StatementMeter Of(MeterEnds meter, TimeZoneInfo zone) => new(
        meter.Use.MeterId, TimeZoneInfo.ConvertTime(meter.Use.From!.Value, zone), TimeZoneInfo.ConvertTime(meter.Use.Until!.Value, zone),
        MeterReading.From(meter.First, zone), MeterReading.From(meter.Last, zone));
}

/// <summary>Reading of a meter's register.</summary>
/// <param name="Timestamp">When the meter was read, with the site's offset.</param>
/// <param name="RegisterValue">The register in kWh.</param>
public sealed record MeterReading(DateTimeOffset Timestamp, decimal RegisterValue)
{
    internal static MeterReading? From(RegisterAt? register, TimeZoneInfo zone) =>
        register is null ? null : new MeterReading(TimeZoneInfo.ConvertTime(register.Timestamp, zone), Energy.ToKilowattHours(register.Value));
}
