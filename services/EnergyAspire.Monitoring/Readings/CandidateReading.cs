using EnergyAspire.Monitoring.Hours;

namespace EnergyAspire.Monitoring.Readings;

/// <summary>A reading that may be new.</summary>
/// <param name="Position">Position in the batch.</param>
/// <param name="Reading">The reading.</param>
/// <param name="SpreadSeconds">Seconds that its energy is spread over; null when all of it belongs to the hour of its timestamp.</param>
/// <param name="HourStart">Start of the clock hour of its timestamp.</param>
/// <param name="LimitEnergy">Limit of the hour in milliwatt-hours.</param>
/// <param name="RunningCount">Expected readings of the whole hour while it is running; 0 when it is over.</param>
internal readonly record struct CandidateReading(
    int Position, Reading Reading, int? SpreadSeconds, DateTimeOffset HourStart, long LimitEnergy, int RunningCount)
{
    public static CandidateReading Of(int position, Reading reading, (DateTimeOffset Start, DateTimeOffset End) hour, IngestDevice device, DateTimeOffset now) => new(
        position, reading, device.SpreadSeconds(reading.Timestamp, hour.End), hour.Start, device.LimitAt(hour.Start), device.RunningCount(hour.Start, now));

    public IEnumerable<CandidateShare> Shares(IngestDevice device, DateTimeOffset now)
    {
        foreach (var (hour, energy) in HourShares.Of(Reading.Timestamp, Reading.Energy, SpreadSeconds, device.Zone!))
            yield return new CandidateShare(Position, hour, energy, Starts: hour <= Reading.Timestamp, device.LimitAt(hour), device.RunningCount(hour, now));
    }
}

/// <summary>A part of the energy of a reading that is spread.</summary>
/// <param name="Position">Position of the reading in the batch.</param>
/// <param name="HourStart">Start of the clock hour that it belongs to.</param>
/// <param name="Energy">Milliwatt-hours.</param>
/// <param name="Starts">Whether the reading starts in the hour.</param>
/// <param name="LimitEnergy">Limit of the hour in milliwatt-hours.</param>
/// <param name="RunningCount">Expected readings of the whole hour while it is running; 0 when it is over.</param>
internal readonly record struct CandidateShare(int Position, DateTimeOffset HourStart, long Energy, bool Starts, long LimitEnergy, int RunningCount);
