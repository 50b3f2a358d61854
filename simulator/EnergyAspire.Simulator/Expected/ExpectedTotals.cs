using System.Runtime.InteropServices;
using System.Text.Json;
using EnergyAspire.Simulator.Readings;
using EnergyAspire.Simulator.Traffic;

namespace EnergyAspire.Simulator.Expected;

/// <summary>Sums the confirmed readings by hour, and counts their expected outcomes.</summary>
/// <param name="interval">Interval that the energy of a reading is spread over.</param>
/// <param name="longestDelay">How long after the end of an hour its readings may still be sent.</param>
public sealed class ExpectedTotals(TimeSpan interval, TimeSpan longestDelay)
{
    private readonly SortedDictionary<DateTimeOffset, Dictionary<Meter, Sum>> _hours = [];
    private readonly long[] _outcomes = new long[Enum.GetValues<Outcome>().Length];
    private long _messages;

    /// <summary>Adds a message. Messages must be added in the order of sending.</summary>
    public void Add(Message message)
    {
        _messages++;
        foreach (var reading in message.Readings)
        {
            _outcomes[(int)reading.Outcome]++;
            if (reading.Outcome != Outcome.Stored)
                continue;

            foreach (var (start, energy) in LocalHour.Shares(reading.Timestamp, interval, reading.Energy, reading.Meter.TimeZone))
            {
                if (!_hours.TryGetValue(start, out var meters))
                    _hours.Add(start, meters = new Dictionary<Meter, Sum>(ReferenceEqualityComparer.Instance));
                ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(meters, reading.Meter, out _);
                sum = new Sum(sum.Energy + energy, sum.Readings + (start <= reading.Timestamp ? 1 : 0));
            }
        }
    }

    /// <summary>Removes and returns the hours that are complete when all messages before a time have been added; all hours without a time.</summary>
    public IEnumerable<ExpectedHour> TakeComplete(DateTimeOffset? sentBefore)
    {
        while (_hours.Count > 0)
        {
            var (start, meters) = _hours.First();
            if (start.AddHours(1) + longestDelay >= sentBefore)
                yield break;

            _hours.Remove(start);
            foreach (var (meter, sum) in meters.OrderBy(meter => meter.Key.DeviceId))
            {
                yield return new ExpectedHour(
                    meter.DeviceId, meter.TimeZone.Id, start, sum.Energy / MeterReading.MilliwattHoursPerKilowattHour, sum.Readings);
            }
        }
    }

    /// <summary>Returns the counts of everything added.</summary>
    public ExpectedSummary Summary(long sentAgain) => new(
        _messages, _outcomes.Sum(), Count(Outcome.Stored), Count(Outcome.Duplicate),
        Enum.GetValues<Outcome>().Where(outcome => outcome > Outcome.Duplicate && Count(outcome) > 0)
            .ToDictionary(outcome => JsonNamingPolicy.SnakeCaseLower.ConvertName(outcome.ToString()), Count),
        sentAgain);

    private long Count(Outcome outcome) => _outcomes[(int)outcome];

    private readonly record struct Sum(long Energy, int Readings);
}
