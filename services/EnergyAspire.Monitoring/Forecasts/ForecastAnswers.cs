using System.Globalization;
using EnergyAspire.Monitoring.Budgets;
using EnergyAspire.Monitoring.Hours;

namespace EnergyAspire.Monitoring.Forecasts;

/// <summary>What a device will consume in the running month of its site.</summary>
/// <param name="DeviceId">Device id.</param>
/// <param name="Month">Month as <c>YYYY-MM</c> at the site.</param>
/// <param name="TimeZone">IANA zone of the site.</param>
/// <param name="Reason">
/// Why there is no forecast: <c>too_little_history</c> when the oldest known hour is less than two weeks old or most hours since then are missing;
/// <c>ended</c> when the device is deleted or no longer the caller's. Null when there is a forecast.
/// </param>
/// <param name="TotalConsumption">kWh that were measured so far.</param>
/// <param name="TotalCost">Their cost with the base prices so far, not rounded; null when there is no reading in an hour with a price and no base price.</param>
/// <param name="ExpectedConsumption">Expected kWh of the whole month: what was measured, and the forecast of the rest rounded to Wh. Null without a forecast.</param>
/// <param name="LowConsumption">Lower end of the interval in which the month's consumption is with a probability of 80 %; null when unknown.</param>
/// <param name="HighConsumption">Upper end of the interval; null when unknown.</param>
/// <param name="ExpectedCost">Expected cost of the whole month with its base prices, its forecast rounded to four digits; null without a forecast or without any price.</param>
/// <param name="LowCost">Cost at the lower end; null when unknown.</param>
/// <param name="HighCost">Cost at the upper end; null when unknown.</param>
/// <param name="UnpricedConsumption">kWh of the hours without a price, measured and expected, which are in no cost.</param>
/// <param name="MissingHours">Hours of the month so far that are not completely measured. The forecast includes what is missing of them.</param>
/// <param name="HistoryHours">Completely measured hours of the last 12 weeks, of which the forecast is made.</param>
/// <param name="Accuracy">How good the forecasts of the last months were; null without a forecast, and when no month before has enough known hours.</param>
/// <param name="Currency">Currency of the costs, ISO 4217; null for the installation's.</param>
/// <param name="Budget">Budget that the caller has set for the device; null when there is none.</param>
/// <example>{"device_id":"00000000-0000-7000-8000-0000000000d1","month":"2026-03","time_zone":"Europe/Berlin","reason":null,"total_consumption":120.5,"total_cost":38.56,"expected_consumption":241.732,"low_consumption":221.4,"high_consumption":262.064,"expected_cost":77.3542,"low_cost":70.848,"high_cost":83.8605,"unpriced_consumption":0,"missing_hours":2,"history_hours":1998,"accuracy":{"months":3,"error":0.0412,"naive_error":0.0731,"coverage":0.81},"currency":null,"budget":{"device_id":"00000000-0000-7000-8000-0000000000d1","kwh":240,"cost":null,"updated_at":"2026-03-01T09:00:00Z","state":"expected_over"}}</example>
public sealed record ConsumptionForecast(
    Guid DeviceId, string Month, string TimeZone, string? Reason, decimal TotalConsumption, decimal? TotalCost, decimal? ExpectedConsumption,
    decimal? LowConsumption, decimal? HighConsumption, decimal? ExpectedCost, decimal? LowCost, decimal? HighCost, decimal UnpricedConsumption,
    int MissingHours, int HistoryHours, ForecastAccuracy? Accuracy, string? Currency, ForecastBudget? Budget)
{
    private const int EnergyDigits = 3;
    private const int MoneyDigits = 4;

    /// <summary>Creates the response.</summary>
    internal static ConsumptionForecast From(DeviceForecast month, Budget? budget)
    {
        var (measured, spread) = (month.Measured, (decimal?)month.Forecast?.Spread);
        var (low, high) = (decimal.Max(0, 1 - spread ?? 0), 1 + spread);
        var total = Kilowatthours(measured.Energy);
        // Without a price nothing is known of the cost, not even that it is 0.
        var hasCost = measured.Cost is not null || month.Rest?.Cost is not null || month.BaseCost is not null;
        var costSoFar = month.BaseCostSoFar is null ? measured.Cost : (measured.Cost ?? 0) + month.BaseCostSoFar;
        var fixedCost = (measured.Cost ?? 0) + (month.BaseCost ?? 0);
        var (consumption, cost) = (
            total + Rounded(month.Rest?.Energy / Energy.MilliwattHoursPerKilowattHour, EnergyDigits),
            month.Rest is { } rest && hasCost ? fixedCost + Rounded(rest.Cost ?? 0, MoneyDigits) : null);

        return new ConsumptionForecast(
            month.Device.Id, month.Month.ToString("yyyy-MM", CultureInfo.InvariantCulture), month.Device.TimeZone, month.Reason, total, costSoFar,
            consumption, spread is null ? null : ConsumptionAt(low), ConsumptionAt(high), cost, spread is null ? null : CostAt(low), CostAt(high),
            Kilowatthours(measured.UnpricedEnergy) + (Rounded(month.Rest?.UnpricedEnergy / Energy.MilliwattHoursPerKilowattHour, EnergyDigits) ?? 0),
            month.MissingHours, month.HistoryHours, month.Forecast?.Accuracy, month.Currency,
            budget is null ? null : ForecastBudget.Of(budget, total, costSoFar, consumption, cost));

        decimal? ConsumptionAt(decimal? factor) => total + Rounded(month.Rest?.Energy / Energy.MilliwattHoursPerKilowattHour * factor, EnergyDigits);

        decimal? CostAt(decimal? factor) => cost is null ? null : fixedCost + Rounded((month.Rest?.Cost ?? 0) * factor, MoneyDigits);
    }

    private static decimal Kilowatthours(decimal milliwattHours) => milliwattHours / Energy.MilliwattHoursPerKilowattHour;

    private static decimal? Rounded(decimal? value, int digits) => value is { } known ? Math.Round(known, digits) : null;
}

/// <summary>Budget of the running month.</summary>
/// <param name="DeviceId">Device.</param>
/// <param name="Kwh">kWh for each month; null for a budget in money.</param>
/// <param name="Cost">Cost of each month; null for a budget in kWh.</param>
/// <param name="UpdatedAt">When it was set or changed last.</param>
/// <param name="State">
/// <c>over</c> when what was measured is more than the budget; <c>expected_over</c> when what is expected is more; <c>within</c> when neither is;
/// <c>unknown</c> when there is no forecast, or no price for a budget in money.
/// </param>
public sealed record ForecastBudget(Guid DeviceId, decimal? Kwh, decimal? Cost, DateTimeOffset UpdatedAt, string State)
{
    internal static ForecastBudget Of(Budget budget, decimal measured, decimal? measuredCost, decimal? expected, decimal? expectedCost)
    {
        var (limit, used, forecast) = budget.Kwh is { } kwh ? (kwh, (decimal?)measured, expected) : (budget.Cost!.Value, measuredCost, expectedCost);
        var state = used > limit ? "over" : forecast is null ? "unknown" : forecast > limit ? "expected_over" : "within";

        return new ForecastBudget(budget.DeviceId, budget.Kwh, budget.Cost, budget.UpdatedAt, state);
    }
}
