using EnergyAspire.Contracts;
using EnergyAspire.Monitoring.Alerts;
using EnergyAspire.Monitoring.Hours;
using EnergyAspire.Monitoring.Registers;

namespace EnergyAspire.Monitoring.Readings;

/// <summary>Properties of a device that a batch needs.</summary>
/// <param name="Zone">Zone of its site; null when this machine doesn't know it.</param>
/// <param name="LimitEnergy">Current limit of a clock hour in milliwatt-hours.</param>
/// <param name="IntervalSeconds">Seconds between two readings.</param>
/// <param name="Settings">History of its settings.</param>
/// <param name="Meters">Its meters; empty when the only one has the device's id.</param>
/// <param name="RegisterDigits">Digits of its meter's register; null when it reports the energy of intervals.</param>
internal sealed record IngestDevice(
    TimeZoneInfo? Zone, long LimitEnergy, int IntervalSeconds, IReadOnlyList<DeviceSettings> Settings, IReadOnlyList<DeviceMeter> Meters, int? RegisterDigits)
{
    // Added to the interval at whose end a meter reports, because meters may send the readings of an hour together.
    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    /// <summary>The limit, in milliwatt-hours, that was valid when a clock hour started.</summary>
    public long LimitAt(DateTimeOffset hourStart) =>
        Settings.At(hourStart) is { } valid ? Energy.FromKilowattHours(valid.MaxConsumption) : LimitEnergy;

    /// <summary>Seconds that the energy of a reading is spread over; null when all of it belongs to the hour of its timestamp.</summary>
    public int? SpreadSeconds(DateTimeOffset timestamp, DateTimeOffset hourEnd) =>
        HourShares.SpreadSeconds(timestamp, hourEnd, Settings.IntervalAt(IntervalSeconds, timestamp));

    /// <summary>Expected readings of a whole hour while it is running; 0 when it is over.</summary>
    public int RunningCount(DateTimeOffset hourStart, DateTimeOffset now)
    {
        var end = hourStart.AddHours(1) > now ? SiteClock.NextHour(hourStart, Zone!) : hourStart;
        return end > now ? Settings.ExpectedReadings(IntervalSeconds, hourStart, end) : 0;
    }

    /// <summary>What decides how its register readings follow each other.</summary>
    public RegisterDevice ToRegisterDevice(Guid id) => new(id, RegisterDigits!.Value, Zone!, LimitEnergy, IntervalSeconds, Settings, Meters);

    /// <summary>Returns an hour of a register if it is high, by the rule of other readings; otherwise null.</summary>
    public HighHour? HighHourOf(HourlyConsumption hour, DateTimeOffset now)
    {
        // The last reading of a register, in a running hour, has no energy yet.
        var (limit, expected, count) = (LimitAt(hour.HourStart), RunningCount(hour.HourStart, now), hour.ReadingCount - 1);
        var projected = hour.Energy > limit ? hour.Energy : (long)((Int128)hour.Energy * expected / Math.Max(1, count + hour.SpreadCount));
        var isHigh = projected > limit && (hour.Energy > limit || (count >= 2 && count * 4 >= expected));

        return isHigh ? new HighHour(hour.DeviceId, hour.HourStart, hour.Energy, projected, limit, IsLate(hour.HourStart, now)) : null;
    }

    /// <summary>Whether an hour ended so long ago that its readings should have arrived already.</summary>
    public bool IsLate(DateTimeOffset hourStart, DateTimeOffset now) =>
        SiteClock.NextHour(hourStart, Zone!) + TimeSpan.FromSeconds(IntervalSeconds) + Patience < now;
}
