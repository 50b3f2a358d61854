using System.Runtime.InteropServices;
using System.Text.Json;
using EnergyAspire.Simulator.Readings;
using EnergyAspire.Simulator.Traffic;

namespace EnergyAspire.Simulator.Expected;

/// <summary>Adds up what was sent and confirmed, and counts what must become of it.</summary>
/// <param name="longestDelay">How long after its end an hour may still get readings.</param>
public sealed class ExpectedTotals(TimeSpan longestDelay)
{
    private readonly SortedDictionary<DateTimeOffset, Dictionary<Meter, Sum>> _hours = [];
    private readonly long[] _outcomes = new long[Enum.GetValues<Outcome>().Length];
    private long _messages;

    /// <summary>Adds a message, in the order of sending.</summary>
    public void Add(Message message)
    {
        _messages++;
        foreach (var reading in message.Readings)
        {
            _outcomes[(int)reading.Outcome]++;
            if (reading.Outcome != Outcome.Stored)
                continue;

            var start = LocalHour.StartOf(reading.Timestamp, reading.Meter.TimeZone);
            if (!_hours.TryGetValue(start, out var meters))
                _hours.Add(start, meters = new Dictionary<Meter, Sum>(ReferenceEqualityComparer.Instance));
            ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(meters, reading.Meter, out _);
            sum = new Sum(sum.Energy + reading.Energy, sum.Readings + 1);
        }
    }

    /// <summary>Gives away the hours that nothing can be added to when all sent before a time was added; all of them without a time.</summary>
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
