using System.Buffers;
using System.Text.Json;
using EnergyAspire.Simulator.Readings;

namespace EnergyAspire.Simulator.Traffic;

/// <summary>Combines reports into messages.</summary>
/// <remarks>
/// A conflicting duplicate follows a repetition of its original in the same message. This assumes that a consumer commits the readings of a message
/// in their order, in one transaction or in several. Then the original is always stored first, for any order of messages and consumers and for
/// redeliveries. The assumption doesn't hold for devices that become known later, because their readings are replayed one by one.
/// </remarks>
/// <param name="generator">What the meters measure.</param>
/// <param name="batch">Most readings of a message; a conflicting duplicate and its original stay together even if it is 1.</param>
/// <param name="longestGathering">Longest time between the due times of the first and the last reading of a message, on the simulated clock.</param>
public sealed class MessageWriter(ReadingGenerator generator, FaultPlan faults, int batch, TimeSpan longestGathering) : IDisposable
{
    private static readonly int Ways = Enum.GetValues<Malformation>().Length;
    private static readonly TimeSpan FarAhead = TimeSpan.FromDays(3650);

    private readonly ArrayBufferWriter<byte> _body = new();
    private readonly Utf8JsonWriter _json = new(Stream.Null);
    private readonly List<SentReading> _readings = [];
    private DateTimeOffset _firstDue;
    private DateTimeOffset _lastDue;

    /// <summary>Lists the messages in the order of their reports.</summary>
    public IEnumerable<Message> Messages(IEnumerable<Report> reports)
    {
        foreach (var report in reports)
        {
            Malformation? malformation = report.Kind == ReportKind.Malformed ? (Malformation)faults.Malformation(report, Ways) : null;
            // A message that isn't JSON is sent alone, because the whole message is quarantined with every reading in it.
            var isAlone = malformation == Malformation.Truncated;
            var size = report.Kind == ReportKind.Conflict ? 2 : 1;
            if (_readings.Count > 0 && (isAlone || _readings.Count + size > batch || report.Due >= _firstDue + longestGathering))
                yield return Close();

            if (_readings.Count == 0)
                Open(report.Due, isArray: !isAlone && (batch > 1 || size > 1));
            Add(report, malformation);
            if (isAlone || _readings.Count >= batch)
                yield return Close(isTruncated: isAlone);
        }

        if (_readings.Count > 0)
            yield return Close();
    }

    /// <inheritdoc />
    public void Dispose() => _json.Dispose();

    private void Open(DateTimeOffset due, bool isArray)
    {
        _body.Clear();
        _json.Reset(_body);
        _firstDue = due;
        if (isArray)
            _json.WriteStartArray();
    }

    private Message Close(bool isTruncated = false)
    {
        if (_json.CurrentDepth > 0)
            _json.WriteEndArray();
        _json.Flush();
        var message = new Message(_lastDue, _body.WrittenSpan[..(isTruncated ? _body.WrittenCount / 2 : _body.WrittenCount)].ToArray(), [.. _readings]);
        _readings.Clear();

        return message;
    }

    private void Add(Report report, Malformation? malformation)
    {
        _lastDue = report.Due;
        var reading = generator.Read(report.Meter, report.Interval) with { Timestamp = faults.StampOf(report.Meter, report.Interval) };
        switch (report.Kind)
        {
            case ReportKind.Reading:
                Write(reading, Outcome.Stored);
                break;
            case ReportKind.Duplicate:
                Write(reading, Outcome.Duplicate);
                break;
            case ReportKind.Conflict:
                Write(reading, Outcome.Duplicate);
                Write(reading with { Energy = faults.Contradiction(reading) }, Outcome.ConflictingDuplicate);
                break;
            case ReportKind.Negative:
                Write(reading with { Energy = -1 - reading.Energy }, Outcome.Negative);
                break;
            case ReportKind.Future:
                Write(reading with { Timestamp = reading.Timestamp + FarAhead }, Outcome.Future);
                break;
            case ReportKind.UnknownDevice:
                Write(reading with { DeviceId = faults.StrangerTo(report.Meter) }, Outcome.UnknownDevice);
                break;
            case ReportKind.Malformed:
                malformation!.Value.Write(_json, reading);
                _readings.Add(new SentReading(report.Meter, reading.Timestamp, reading.Energy, Outcome.Malformed));
                break;
        }

        void Write(MeterReading sent, Outcome outcome)
        {
            sent.WriteTo(_json);
            _readings.Add(new SentReading(report.Meter, sent.Timestamp, sent.Energy, outcome));
        }
    }
}
