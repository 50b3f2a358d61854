using System.Globalization;
using EnergyAspire.Contracts;
using EnergyAspire.Monitoring.Hours;

namespace EnergyAspire.Monitoring.Registers;

/// <summary>An admin's decision about a register reading that doesn't continue from the one before. The numbers are stored.</summary>
public enum RegisterDecision
{
    /// <summary>The register began at 0 again since the reading before, so its value is the energy since then.</summary>
    Reset = 1,

    /// <summary>The energy since the reading before is unknown, and none is counted.</summary>
    NewStart = 2,

    /// <summary>The register has passed its highest value since the reading before.</summary>
    Rollover = 3,
}

/// <summary>What decides how the register readings of a device follow each other.</summary>
/// <param name="Id">Device id.</param>
/// <param name="Digits">Digits of the register before the decimal point.</param>
/// <param name="Zone">Zone of its site.</param>
/// <param name="LimitEnergy">Present limit of a clock hour in milliwatt-hours.</param>
/// <param name="IntervalSeconds">Present interval.</param>
/// <param name="Settings">History of its settings.</param>
/// <param name="Meters">Its meters; empty when the only one has the device's id.</param>
internal sealed record RegisterDevice(
    Guid Id, int Digits, TimeZoneInfo Zone, long LimitEnergy, int IntervalSeconds, IReadOnlyList<DeviceSettings> Settings, IReadOnlyList<DeviceMeter> Meters)
{
    /// <summary>Milliwatt-hours after which the register begins at 0 again.</summary>
    public long Range => RangeOf(Digits);

    /// <summary>Returns the milliwatt-hours after which a register begins at 0 again.</summary>
    public static long RangeOf(int digits) => (long)Math.Pow(10, digits) * (long)Energy.MilliwattHoursPerKilowattHour;

    /// <summary>Returns the id of the meter that measured at a time.</summary>
    public Guid MeterAt(DateTimeOffset time) => Meters is [] ? Id : MeterUses.Of(Meters, Id).First(use => use.Contains(time)).MeterId;

    /// <summary>Whether the device's limit allows an energy between two times, an interval apart at least.</summary>
    /// <param name="energy">Milliwatt-hours.</param>
    /// <param name="from">First time.</param>
    /// <param name="until">Second time.</param>
    /// <param name="times">Multiple of the limit that is allowed.</param>
    public bool Allows(long energy, DateTimeOffset from, DateTimeOffset until, int times)
    {
        var limit = Settings.At(until) is { } valid ? Energy.FromKilowattHours(valid.MaxConsumption) : LimitEnergy;
        var ticks = Math.Max((until - from).Ticks, Settings.IntervalAt(IntervalSeconds, until) * TimeSpan.TicksPerSecond);
        return (Int128)energy * TimeSpan.TicksPerHour <= (Int128)limit * times * ticks;
    }
}

/// <summary>A reading of a device, in the order of time.</summary>
/// <param name="Timestamp">When the register was read, in UTC.</param>
/// <param name="Value">The register in milliwatt-hours; null for the energy of an interval, which no register reading continues from.</param>
/// <param name="Decision">An admin's decision about it; null when there is none.</param>
internal record RegisterReading(DateTimeOffset Timestamp, long? Value, RegisterDecision? Decision);

/// <summary>What becomes of a register reading.</summary>
/// <param name="IsAccepted">Whether it is stored.</param>
/// <param name="EnergyBefore">Milliwatt-hours since the accepted reading before; null when unknown.</param>
/// <param name="Same">The accepted reading at the same time; null when there is none.</param>
/// <param name="Detail">Why it is neither accepted nor at the same time as another.</param>
internal readonly record struct RegisterVerdict(bool IsAccepted, long? EnergyBefore, RegisterReading? Same, string? Detail)
{
    public static RegisterVerdict Accept(long? energyBefore) => new(IsAccepted: true, energyBefore, null, null);
}

/// <summary>Decides which register readings follow each other, and what energy lies between them. The result depends on the readings only, not on their arrival.</summary>
/// <remarks>
/// In the order of time, each reading continues from the last one that was accepted:
/// <list type="number">
/// <item>The first reading, the first one of another meter, and one that an admin calls a new start begin anew. No energy is counted before them.</item>
/// <item>A higher value continues, unless the device's limit would be exceeded a hundred times.</item>
/// <item>A value in the register's first tenth after one in its last tenth is a rollover, if the energy passes the same test.</item>
/// <item>Another lower value is a reset to 0, if the device's limit allows it as the energy since then.</item>
/// <item>A rollover or a reset is recognized when the next two readings continue from it, above 0 and below the former value, or when an admin says so.</item>
/// <item>Any other reading is unclear. It is not accepted, so a single wrong value changes nothing.</item>
/// </list>
/// </remarks>
internal static class RegisterChain
{
    /// <summary>Reason in quarantine of readings that are unclear.</summary>
    internal const string Reason = "register_unclear";

    // A rollover or a reset is recognized by as many readings after it. So a new reading changes what became of as many readings before it at most.
    internal const int Confirmations = 2;

    private const int Tenth = 10;
    private const int Implausible = 100;

    /// <summary>Judges readings in the order of time. Of several at the same time the first one counts.</summary>
    /// <param name="device">Their device.</param>
    /// <param name="readings">Readings; the first one is accepted.</param>
    public static List<RegisterVerdict> Judge(RegisterDevice device, IReadOnlyList<RegisterReading> readings)
    {
        var verdicts = new List<RegisterVerdict>(readings.Count);
        RegisterReading? last = null;
        for (var index = 0; index < readings.Count; index++)
        {
            var reading = readings[index];
            var verdict = reading.Timestamp == last?.Timestamp
                ? new RegisterVerdict(IsAccepted: false, null, last, null)
                : Judge(device, last, reading, readings, index);
            verdicts.Add(verdict);
            if (verdict.IsAccepted)
                last = reading;
        }

        return verdicts;
    }

    private static RegisterVerdict Judge(
        RegisterDevice device, RegisterReading? last, RegisterReading reading, IReadOnlyList<RegisterReading> readings, int index)
    {
        if (reading.Value is not { } value || last?.Value is not { } before || reading.Decision is RegisterDecision.NewStart
            || device.MeterAt(last.Timestamp) != device.MeterAt(reading.Timestamp))
            return RegisterVerdict.Accept(energyBefore: null);

        var (energy, afterRollover) = (value - before, value - before + device.Range);
        if (energy >= 0 && IsPlausible(energy))
            return RegisterVerdict.Accept(energy);
        if (reading.Decision is RegisterDecision.Reset)
            return RegisterVerdict.Accept(value);
        if (reading.Decision is RegisterDecision.Rollover && energy < 0 && afterRollover >= 0)
            return RegisterVerdict.Accept(afterRollover);

        // The value before may have more digits than the register has now.
        var isRollover = before >= device.Range - (device.Range / Tenth) && value < device.Range / Tenth && afterRollover >= 0 && IsPlausible(afterRollover);
        var isReset = !isRollover && energy < 0 && device.Allows(value, last.Timestamp, reading.Timestamp, times: 1);
        if ((isRollover || isReset) && IsConfirmed(device, reading, before, readings, index))
            return RegisterVerdict.Accept(isRollover ? afterRollover : value);

        var change = energy < 0 ? "fell" : "rose";
        var question = energy >= 0 ? "That is more than a hundred times the device's limit."
            : isRollover ? "It has passed its highest value, if the next two readings go on from here."
            : isReset ? "It has begun at 0 again, if the next two readings go on from here."
            : "It isn't known whether it has begun at 0 again or the value is wrong.";
        return new RegisterVerdict(IsAccepted: false, null, null, string.Create(
            CultureInfo.InvariantCulture,
            $"Since {last.Timestamp.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'} the register {change} from {Energy.ToKilowattHours(before)} to {Energy.ToKilowattHours(value)} kWh. {question}"));

        bool IsPlausible(long since) => device.Allows(since, last.Timestamp, reading.Timestamp, Implausible);
    }

    /// <summary>
    /// Whether the next readings continue from one and stay below the former value. A register that stays at 0 may be a fault of the meter, so it must rise.
    /// </summary>
    private static bool IsConfirmed(RegisterDevice device, RegisterReading first, long before, IReadOnlyList<RegisterReading> readings, int index)
    {
        var (timestamp, value, confirmations) = (first.Timestamp, first.Value!.Value, 0);
        for (var next = index + 1; next < readings.Count && confirmations < Confirmations; next++)
        {
            var reading = readings[next];
            if (reading.Timestamp == timestamp)
                continue;
            if (reading.Value is not { } later || later < value || later >= before || device.MeterAt(reading.Timestamp) != device.MeterAt(first.Timestamp))
                return false;

            (timestamp, value) = (reading.Timestamp, later);
            confirmations++;
        }

        return confirmations == Confirmations && value > 0;
    }
}
