using EnergyAspire.Contracts;
using EnergyAspire.Monitoring.Hours;
using EnergyAspire.Monitoring.Prices;
using EnergyAspire.Monitoring.Readings;
using EnergyAspire.Monitoring.Replicas;

namespace EnergyAspire.Monitoring.Live;

/// <summary>Current state of a device.</summary>
/// <param name="DeviceId">Device id.</param>
/// <param name="Timestamp">Start of the interval of its latest reading, with the site's offset.</param>
/// <param name="MeasurementValue">Energy of that interval in kWh.</param>
/// <param name="Hour">Clock hour of the site that the reading belongs to.</param>
public sealed record LiveDevice(Guid DeviceId, DateTimeOffset Timestamp, decimal MeasurementValue, LiveHour Hour)
{
    internal static LiveDevice From(LatestReading latest, IReadOnlyDictionary<Guid, TariffReplica> tariffs, DateTimeOffset now)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(latest.TimeZone);
        var end = SiteClock.NextHour(latest.HourStart, zone);
        var energy = Energy.ToKilowattHours(latest.HourEnergy);

        return new LiveDevice(
            latest.DeviceId, TimeZoneInfo.ConvertTime(latest.Timestamp, zone), Energy.ToKilowattHours(latest.Energy),
            new LiveHour(
                TimeZoneInfo.ConvertTime(latest.HourStart, zone), energy, latest.ReadingCount, latest.ExpectedReadings(end < now ? end : now),
                energy * new PriceSchedule(latest.Direction == EnergyDirection.Production, latest.Price, latest.ReadHistory(), latest.ReadTariffs(), tariffs, zone).At(latest.HourStart)));
    }
}

/// <summary>Consumption of a device in its running clock hour.</summary>
/// <param name="Start">When the hour starts, with the site's offset.</param>
/// <param name="TotalConsumption">Sum in kWh.</param>
/// <param name="MeasurementCount">Readings that start in it.</param>
/// <param name="ExpectedCount">Readings that should have come by now.</param>
/// <param name="Cost">Cost at the price that was valid when the hour started, not rounded; null without a price.</param>
public sealed record LiveHour(DateTimeOffset Start, decimal TotalConsumption, int MeasurementCount, int ExpectedCount, decimal? Cost);
