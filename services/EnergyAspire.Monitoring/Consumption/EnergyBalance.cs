using System.Globalization;
using System.Text.Json.Serialization;
using EnergyAspire.Monitoring.Hours;

namespace EnergyAspire.Monitoring.Consumption;

/// <summary>What devices of a site consumed, produced and fed in together, and how much of the production was used at the site.</summary>
/// <param name="StartDate">First date in the zone <c>time_zone</c>.</param>
/// <param name="EndDate">Last date, inclusive.</param>
/// <param name="TimeZone">IANA zone of the devices.</param>
/// <param name="Granularity">How long the periods are.</param>
/// <param name="Data">Every period of the range in order. Their sums are exactly the total.</param>
/// <param name="Total">Sums of the range.</param>
public sealed record EnergyBalance(
    DateOnly StartDate, DateOnly EndDate, string TimeZone, Granularity Granularity, IReadOnlyList<BalanceSums> Data, BalanceSums Total)
{
    /// <summary>Creates the response for a range, by period.</summary>
    internal static EnergyBalance From(DeviceBalance balance)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(balance.TimeZone);
        return new EnergyBalance(
            balance.First, balance.Last, balance.TimeZone, balance.Granularity,
            [.. balance.Periods.Select(period =>
            {
                var start = TimeZoneInfo.ConvertTime(period.Period.Start, zone);
                var sums = BalanceSums.From(period.Energies, balance.Kinds);
                return balance.Granularity switch
                {
                    Granularity.Hour => sums with { Date = period.Period.Date, Hour = start.Hour, Start = start },
                    Granularity.Day => sums with { Date = period.Period.Date },
                    _ => sums with { Month = period.Period.Date.ToString("yyyy-MM", CultureInfo.InvariantCulture) },
                };
            })],
            BalanceSums.From(balance.Total, balance.Kinds));
    }
}

/// <summary>Sums of several devices, in a period or in all of them. All are in kWh and exact.</summary>
/// <param name="Consumption">Energy of the devices that consume; null when none of the devices does.</param>
/// <param name="Production">Energy of the devices that produce, without the feed-ins of two-way meters; null when none of the devices does.</param>
/// <param name="FeedIn">Energy of the feed-ins of two-way meters; null when none of the devices is one.</param>
/// <param name="SelfConsumption">
/// Production that was used at the site: with feed-ins, <c>production</c> less <c>feed_in</c>, and at least 0; without, the smaller one of <c>production</c> and <c>consumption</c>.
/// It is determined for each complete clock hour; other hours aren't included. Null when none of the devices produces, or none besides them consumes or is a feed-in.
/// </param>
/// <param name="Usage">
/// Energy that was used at the site: <c>consumption</c>, and with feed-ins <c>self_consumption</c> too, which the meter at the grid doesn't measure. Null without <c>consumption</c>.
/// </param>
/// <param name="MeasuredHours">Clock hours in which any of the devices has readings.</param>
/// <param name="IncompleteHours">Those that are not over, or for which readings of any of the devices are missing.</param>
/// <param name="SelfConsumptionRate">Share of the production that was used at the site, in complete hours, 0 to 1; null when it is unknown or nothing was produced.</param>
/// <param name="SelfSufficiency">Share of the usage that came from the own production, in complete hours, 0 to 1; null when it is unknown or nothing was used.</param>
public sealed record BalanceSums(
    decimal? Consumption, decimal? Production, decimal? FeedIn, decimal? SelfConsumption, decimal? Usage, int MeasuredHours, int IncompleteHours,
    decimal? SelfConsumptionRate, decimal? SelfSufficiency)
{
    /// <summary>Month as <c>YYYY-MM</c>; only by month, and not in the total. Dates outside the range are not included in its sums.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), JsonPropertyOrder(-1)]
    public string? Month { get; init; }

    /// <summary>Date at the site; by hour and by day.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), JsonPropertyOrder(-1)]
    public DateOnly? Date { get; init; }

    /// <summary>Hour on the site's clock, 0 to 23; only by hour. It occurs twice when the clock is set back.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), JsonPropertyOrder(-1)]
    public int? Hour { get; init; }

    /// <summary>When the hour starts, with the site's offset; only by hour.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), JsonPropertyOrder(-1)]
    public DateTimeOffset? Start { get; init; }

    private const int ShareDigits = 6;

    internal static BalanceSums From(BalanceEnergies energies, IReadOnlySet<BalanceKind> kinds)
    {
        var (consumes, produces, feedsIn) = (kinds.Contains(BalanceKind.Consumption), kinds.Contains(BalanceKind.Production), kinds.Contains(BalanceKind.FeedIn));
        var (isSelfKnown, behindMeter) = (produces && (consumes || feedsIn), produces && feedsIn ? energies.SelfConsumption : 0);
        return new BalanceSums(
            Of(consumes, energies.Consumption), Of(produces, energies.Production), Of(feedsIn, energies.FeedIn), Of(isSelfKnown, energies.SelfConsumption),
            Of(consumes, energies.Consumption + behindMeter), energies.MeasuredHours, energies.IncompleteHours,
            isSelfKnown ? Share(energies.SelfConsumption, energies.CompleteProduction) : null,
            isSelfKnown && consumes ? Share(energies.SelfConsumption, energies.CompleteConsumption + behindMeter) : null);

        static decimal? Of(bool isKnown, long energy) => isKnown ? Energy.ToKilowattHours(energy) : null;

        static decimal? Share(long part, long whole) => whole > 0 ? decimal.Round((decimal)part / whole, ShareDigits) : null;
    }
}
