using System.Globalization;
using EnergyAspire.Monitoring.Queries;

namespace EnergyAspire.Monitoring.Consumption;

/// <summary>Validated parameters of a range query.</summary>
/// <param name="Bounds">First and last date, or times.</param>
/// <param name="Granularity">How long the periods are.</param>
internal sealed record RangeParameters(QueryBounds Bounds, Granularity Granularity)
{
    private const int MostDaysByHour = 400;
    private const int MostDays = 3660;

    // Sum over all devices of a call. It limits an answer to about ten megabytes.
    private const int MostDeviceDaysByHour = 4000;
    private const int MostDeviceDays = 40_000;

    /// <summary>Text about the longest allowed range.</summary>
    public static string Limits { get; } = string.Create(CultureInfo.InvariantCulture,
        $"Longest range: {MostDaysByHour} days by hour, else {MostDays}; for n devices at most {MostDeviceDaysByHour}/n days by hour, else {MostDeviceDays}/n.");

    /// <summary>Reads the range; null when <paramref name="parameters"/> hold an error.</summary>
    public static RangeParameters? Read(QueryParameters parameters, string? startDate, string? endDate, string? granularity, int devices)
    {
        parameters.Require("start_date", startDate);
        parameters.Require("end_date", endDate);
        var bounds = parameters.Bounds(startDate, endDate);

        Granularity? period = granularity switch
        {
            null or "hour" => Consumption.Granularity.Hour,
            "day" => Consumption.Granularity.Day,
            "month" => Consumption.Granularity.Month,
            _ => null,
        };
        if (period is null)
            parameters.Refuse("granularity", "granularity must be hour, day or month.");

        if (!parameters.AreValid)
            return null;

        var (first, last) = bounds.DatesAt(TimeZoneInfo.Utc);
        var (one, all) = period == Consumption.Granularity.Hour ? (MostDaysByHour, MostDeviceDaysByHour) : (MostDays, MostDeviceDays);
        var most = int.Min(one, all / devices);
        if (last.DayNumber - first.DayNumber >= most)
            parameters.Refuse("end_date", $"By {granularity ?? "hour"} a range of {devices} device(s) may have at most {most} days.");

        return parameters.AreValid ? new RangeParameters(bounds, period!.Value) : null;
    }
}
