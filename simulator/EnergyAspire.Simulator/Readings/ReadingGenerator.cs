namespace EnergyAspire.Simulator.Readings;

/// <summary>
/// Generates readings. A reading depends only on the settings, the meter and the interval, so a repeated run sends exact duplicates, which have no
/// effect.
/// </summary>
public sealed class ReadingGenerator
{
    // The two variations add up to the ten percent of the contract. One is common to all readings of an hour, so that hours differ realistically.
    private const double VariationOfHour = 0.06;
    private const double VariationOfReading = 0.04;

    private readonly double[] _multipliers = Enumerable.Repeat(1.0, 24).ToArray();
    private readonly double _intervals;
    private readonly ulong _seed;

    /// <summary>Creates the generator of a run.</summary>
    /// <param name="patterns">Multipliers by the hour of the meter's zone.</param>
    /// <param name="interval">Length of an interval; energy is in proportion to it.</param>
    /// <param name="seed">Another seed gives other variations.</param>
    /// <param name="baseLoadTime">Time that the meters' base load refers to.</param>
    public ReadingGenerator(IEnumerable<LoadPattern> patterns, TimeSpan interval, long seed, TimeSpan baseLoadTime)
    {
        foreach (var pattern in patterns)
        {
            foreach (var hour in pattern.Hours)
                _multipliers[hour] = pattern.Multiplier;
        }

        _intervals = interval / baseLoadTime;
        _seed = unchecked((ulong)seed);
    }

    /// <summary>Returns a meter's reading of the interval that starts at a time.</summary>
    public MeterReading Read(Meter meter, DateTimeOffset timestamp)
    {
        var multiplier = _multipliers[TimeZoneInfo.ConvertTime(timestamp, meter.TimeZone).Hour];
        var seconds = timestamp.ToUnixTimeSeconds();
        var variation = 1
            + VariationOfHour * Noise.Of(_seed, meter.DeviceId, seconds / 3600, part: 0)
            + VariationOfReading * Noise.Of(_seed, meter.DeviceId, seconds, part: 1);
        var kilowattHours = meter.BaseLoadKwh * _intervals * multiplier * variation;

        return new MeterReading(meter.DeviceId, timestamp, (long)Math.Round(kilowattHours * 1_000_000));
    }
}
