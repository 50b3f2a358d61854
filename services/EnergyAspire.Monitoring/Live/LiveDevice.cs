using EnergyAspire.Monitoring.Consumption;

namespace EnergyAspire.Monitoring.Live;

/// <summary>Where a device stands now.</summary>
/// <param name="DeviceId">Device id.</param>
/// <param name="Timestamp">Start of the interval of its latest reading, with the site's offset.</param>
/// <param name="MeasurementValue">Energy of that interval in kWh.</param>
/// <param name="Hour">Clock hour of the site that the reading belongs to.</param>
public sealed record LiveDevice(Guid DeviceId, DateTimeOffset Timestamp, decimal MeasurementValue, LiveHour Hour)
{
    internal static LiveDevice From(DeviceState state, DateTimeOffset now)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(state.TimeZone);
        var hour = new SitePeriod(SiteClock.DateAt(state.HourStart, zone), state.HourStart, SiteClock.NextHour(state.HourStart, zone));
        var consumption = PeriodConsumption.Of(hour, state.HourEnergy, state.ReadingCount, state.ReportingIntervalSeconds, now);

        return new LiveDevice(
            state.DeviceId, TimeZoneInfo.ConvertTime(state.Timestamp, zone), Energy.ToKilowattHours(state.Energy),
            new LiveHour(
                TimeZoneInfo.ConvertTime(state.HourStart, zone), Energy.ToKilowattHours(consumption.Energy), consumption.ReadingCount,
                consumption.ExpectedCount));
    }
}

/// <summary>Consumption of a device in its running clock hour.</summary>
/// <param name="Start">When the hour starts, with the site's offset.</param>
/// <param name="TotalConsumption">Sum in kWh.</param>
/// <param name="MeasurementCount">Readings that it is the sum of.</param>
/// <param name="ExpectedCount">Readings that should have come by now.</param>
public sealed record LiveHour(DateTimeOffset Start, decimal TotalConsumption, int MeasurementCount, int ExpectedCount);
