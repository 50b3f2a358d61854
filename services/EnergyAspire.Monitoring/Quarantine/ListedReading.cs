using System.Text;
using System.Text.Unicode;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Readings;

namespace EnergyAspire.Monitoring.Quarantine;

/// <summary>A message, or part of one, that was not accepted as a reading.</summary>
/// <param name="Id">Id of the reading. It keeps this id when a retry is refused.</param>
/// <param name="ReceivedAt">When it arrived.</param>
/// <param name="Reason">Why it was not accepted, such as <c>unknown_device</c>.</param>
/// <param name="Detail">What exactly is wrong, as text.</param>
/// <param name="DeviceId">
/// Device that the reading belongs to. When there is none, the id in the message, such as that of a replaced meter; of a reading of production, the
/// id of the meter's production register. Null when it could not be read.
/// </param>
/// <param name="Body">First 2,000 characters of the message as text. Bytes that are not valid UTF-8 are replaced.</param>
/// <param name="BodyBytes">Length of the message in bytes. All bytes are kept, and a retry uses them.</param>
/// <param name="BodyBase64">First 6,000 bytes of the message; only when they are not valid UTF-8.</param>
/// <param name="DiscardedAt">When an admin discarded it; null when it isn't discarded.</param>
/// <param name="Timestamp">Start of the reading's interval in UTC; null when it could not be read.</param>
/// <param name="Retryable">
/// Whether a retry can succeed: after its device was registered or its meter was entered, its time has come, or a setting or the machine has changed. False when the
/// message is invalid or conflicts with a stored reading. A malformed message is retryable when this version can parse it and an earlier one
/// could not.
/// </param>
/// <example>{"id":"019ac000-0000-7000-8000-000000000001","received_at":"2026-03-29T00:50:01Z","reason":"negative","detail":"-1 kWh","device_id":"00000000-0000-7000-8000-0000000000d1","body":"{\"timestamp\": \"2026-03-29T00:50:00Z\", \"device_id\": \"00000000-0000-7000-8000-0000000000d1\", \"measurement_value\": -1}","body_bytes":115,"body_base64":null,"discarded_at":null,"timestamp":"2026-03-29T00:50:00Z","retryable":false}</example>
public sealed record ListedReading(
    Guid Id, DateTimeOffset ReceivedAt, string Reason, string? Detail, Guid? DeviceId, string Body, int BodyBytes, string? BodyBase64,
    DateTimeOffset? DiscardedAt, DateTimeOffset? Timestamp, bool Retryable)
{
    private const int MostCharacters = 2000;

    // A UTF-16 code unit takes at most three bytes in UTF-8.
    private const int MostBytes = MostCharacters * 3;

    internal static ListedReading From(QuarantinedReading reading, ReadingParser parser) => From(
        new Beginning(
            reading.Id, reading.ReceivedAt, reading.Reason, reading.Detail, reading.DeviceId,
            reading.Body[..Math.Min(reading.Body.Length, MostBytes)], reading.Body.Length, reading.DiscardedAt, reading.Timestamp),
        parser);

    internal static ListedReading From(Beginning reading, ReadingParser parser)
    {
        var bytes = reading.Body.AsSpan();
        // The last character may be truncated.
        if (bytes.Length < reading.BodyBytes && Rune.DecodeLastFromUtf8(bytes, out _, out var cut) == System.Buffers.OperationStatus.NeedMoreData)
            bytes = bytes[..^cut];
        var text = Encoding.UTF8.GetString(bytes);
        if (text.Length > MostCharacters)
            text = text[..(char.IsHighSurrogate(text[MostCharacters - 1]) ? MostCharacters - 1 : MostCharacters)];

        return new ListedReading(
            reading.Id, reading.ReceivedAt, reading.Reason, reading.Detail, reading.DeviceId, text, reading.BodyBytes,
            Utf8.IsValid(bytes) ? null : Convert.ToBase64String(reading.Body), reading.DiscardedAt, reading.Timestamp, IsRetryable(reading, parser));
    }

    private static bool IsRetryable(Beginning reading, ReadingParser parser) =>
        QuarantineReason.IsRetryable(reading.Reason)
        || (reading is { Reason: QuarantineReason.Malformed, BodyBytes: <= MostBytes } && parser.Parse(reading.Body).Reason != QuarantineReason.Malformed);

    /// <summary>Selects only the first bytes of the bodies. A page of whole bodies could exceed the machine's memory.</summary>
    internal static IQueryable<Beginning> Beginnings(IQueryable<QuarantinedReading> readings) => readings.Select(reading => new Beginning(
        reading.Id, reading.ReceivedAt, reading.Reason, reading.Detail, reading.DeviceId,
        MonitoringDbContext.Substring(reading.Body, 1, MostBytes), reading.Body.Length, reading.DiscardedAt, reading.Timestamp));

    /// <summary>A quarantined reading with the first bytes of its body.</summary>
    internal sealed record Beginning(
        Guid Id, DateTimeOffset ReceivedAt, string Reason, string? Detail, Guid? DeviceId, byte[] Body, int BodyBytes, DateTimeOffset? DiscardedAt,
        DateTimeOffset? Timestamp);
}

/// <summary>Readings in quarantine for one reason, without discarded ones.</summary>
/// <param name="Reason">The reason.</param>
/// <param name="Count">Number of readings.</param>
/// <param name="Oldest">When the first of them arrived.</param>
/// <param name="Newest">When the last of them arrived.</param>
/// <param name="Retryable">Whether a retry of such readings can succeed.</param>
public sealed record QuarantineSummary(string Reason, long Count, DateTimeOffset Oldest, DateTimeOffset Newest, bool Retryable);

/// <summary>Result of retrying a reading.</summary>
/// <param name="Message">Result as a sentence.</param>
/// <param name="Outcome"><c>stored</c>, <c>duplicate</c> or <c>quarantined</c>.</param>
/// <param name="Reading">The reading with its current reason; only when it is still in quarantine.</param>
public sealed record ReplayAnswer(string Message, string Outcome, ListedReading? Reading);

/// <summary>Result of retrying several readings.</summary>
/// <param name="Message">Result as a sentence.</param>
/// <param name="Replayed">Number of retried readings.</param>
/// <param name="Stored">Readings that are stored now.</param>
/// <param name="Duplicates">Readings that were already stored with the same value.</param>
/// <param name="Quarantined">Readings that were refused again.</param>
public sealed record ReplaysAnswer(string Message, int Replayed, int Stored, int Duplicates, int Quarantined);

/// <summary>Result of discarding several readings.</summary>
/// <param name="Message">Result as a sentence.</param>
/// <param name="Discarded">Number of readings that were discarded, without those that had been discarded before.</param>
public sealed record DiscardsAnswer(string Message, int Discarded);
