using EnergyAspire.Monitoring.Consumption;
using EnergyAspire.Monitoring.Hours;
using EnergyAspire.Monitoring.Prices;
using EnergyAspire.Monitoring.Queries;

namespace EnergyAspire.Monitoring.Statements;

/// <summary>The statement of a device for a month.</summary>
/// <param name="Consumption">The month with its totals. The lines add up to them.</param>
/// <param name="Schedule">Prices of the device.</param>
/// <param name="Times">Times of the month so far in which the device existed and was the caller's; empty when there are none.</param>
/// <param name="Energy">Energy by price.</param>
/// <param name="BasePrices">Base prices by tariff and its prices.</param>
/// <param name="Meters">Meters with their registers; null for a device whose meter reports the energy of intervals.</param>
/// <param name="IsFinal">Whether nothing more is expected.</param>
internal sealed record DeviceStatement(
    DeviceConsumption Consumption, PriceSchedule Schedule, IReadOnlyList<VisibleSpan> Times, IReadOnlyList<PricedSum> Energy, IReadOnlyList<BasePriceSum> BasePrices,
    IReadOnlyList<MeterEnds>? Meters, bool IsFinal)
{
    /// <summary>First and last date of <see cref="Times"/> at the site; null when there are none.</summary>
    public (DateOnly First, DateOnly Last)? Dates { get; } = Times is [var first, ..] && Times is [.., var last]
        ? (SiteClock.DateAt(first.From, Schedule.Zone), SiteClock.DateAt(last.Until.AddTicks(-1), Schedule.Zone))
        : null;

    /// <summary>Cost with base prices; null when there is neither.</summary>
    public decimal? Amount => Consumption is { Cost: null, BaseCost: null } ? null : (Consumption.Cost ?? 0) + (Consumption.BaseCost ?? 0);

    /// <summary>Returns the dates of prices within the month.</summary>
    public (DateOnly First, DateOnly Last) DatesOf(PriceSlot slot)
    {
        var (first, last) = Schedule.DatesOf(slot);
        var (from, until) = Dates ?? (Consumption.First, Consumption.Last);

        return (first > from ? first.Value : from, last < until ? last.Value : until);
    }
}

/// <summary>Energy of a month with the same price.</summary>
/// <param name="Slot">Which price.</param>
/// <param name="UnitPrice">Price per kWh; null when there is none.</param>
/// <param name="Energy">Milliwatt-hours.</param>
internal sealed record PricedSum(PriceSlot Slot, decimal? UnitPrice, long Energy)
{
    /// <summary>Cost, not rounded; null without a price.</summary>
    public decimal? Cost => UnitPrice is { } price ? Hours.Energy.ToKilowattHours(Energy) * price : null;
}

/// <summary>Base prices of a month by the same prices of a tariff.</summary>
/// <param name="Slot">Which prices.</param>
/// <param name="First">First date that counts.</param>
/// <param name="Last">Last date that counts.</param>
/// <param name="Days">Number of dates that count.</param>
/// <param name="Cost">Their sum, not rounded.</param>
internal sealed record BasePriceSum(PriceSlot Slot, DateOnly First, DateOnly Last, int Days, decimal Cost);
