using System.Text;
using System.Text.Unicode;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Readings;

namespace EnergyAspire.Monitoring.Quarantine;

/// <summary>Something that arrived as a reading and was not accepted.</summary>
/// <param name="Id">Identifies it, also when it is tried again and refused again.</param>
/// <param name="ReceivedAt">When it arrived.</param>
/// <param name="Reason">Why it was not accepted, such as <c>unknown_device</c>.</param>
/// <param name="Detail">What exactly was wrong, for people.</param>
/// <param name="DeviceId">Device, where one could be read.</param>
/// <param name="Body">The first 2,000 characters of what arrived, as text; what isn't UTF-8 in it is replaced.</param>
/// <param name="BodyBytes">How many bytes arrived; all of them are kept and tried again.</param>
/// <param name="BodyBase64">The first 6,000 bytes that arrived; only when they are not UTF-8.</param>
/// <param name="DiscardedAt">When an admin discarded it; null while that is open.</param>
/// <param name="Timestamp">Start of the interval that it is about in UTC, where one could be read.</param>
/// <param name="Retryable">
/// Whether trying again can ever succeed: when its device appears, its time comes, or a setting or the machine changes. False where the
/// bytes themselves are the fault or what is stored stays; what is malformed may be true when this version reads more than an earlier one.
/// </param>
/// <example>{"id":"019ac000-0000-7000-8000-000000000001","received_at":"2026-03-29T00:50:01Z","reason":"negative","detail":"-1 kWh","device_id":"00000000-0000-7000-8000-0000000000d1","body":"{\"timestamp\": \"2026-03-29T00:50:00Z\", \"device_id\": \"00000000-0000-7000-8000-0000000000d1\", \"measurement_value\": -1}","body_bytes":115,"body_base64":null,"discarded_at":null,"timestamp":"2026-03-29T00:50:00Z","retryable":false}</example>
public sealed record ListedReading(
    Guid Id, DateTimeOffset ReceivedAt, string Reason, string? Detail, Guid? DeviceId, string Body, int BodyBytes, string? BodyBase64,
    DateTimeOffset? DiscardedAt, DateTimeOffset? Timestamp, bool Retryable)
{
    private const int MostCharacters = 2000;

    // No character of UTF-16 takes more than three bytes of UTF-8.
    private const int MostBytes = MostCharacters * 3;

    internal static ListedReading From(QuarantinedReading reading, ReadingParser parser) => From(
        new Beginning(
            reading.Id, reading.ReceivedAt, reading.Reason, reading.Detail, reading.DeviceId,
            reading.Body[..Math.Min(reading.Body.Length, MostBytes)], reading.Body.Length, reading.DiscardedAt, reading.Timestamp),
        parser);

    internal static ListedReading From(Beginning reading, ReadingParser parser)
    {
        var bytes = reading.Body.AsSpan();
        // The last character may have been cut.
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

    /// <summary>Asks for no more of the bodies than is shown: a page of whole ones could be larger than this machine's memory.</summary>
    internal static IQueryable<Beginning> Beginnings(IQueryable<QuarantinedReading> readings) => readings.Select(reading => new Beginning(
        reading.Id, reading.ReceivedAt, reading.Reason, reading.Detail, reading.DeviceId,
        MonitoringDbContext.Substring(reading.Body, 1, MostBytes), reading.Body.Length, reading.DiscardedAt, reading.Timestamp));

    /// <summary>A quarantined reading with the first bytes of its body.</summary>
    internal sealed record Beginning(
        Guid Id, DateTimeOffset ReceivedAt, string Reason, string? Detail, Guid? DeviceId, byte[] Body, int BodyBytes, DateTimeOffset? DiscardedAt,
        DateTimeOffset? Timestamp);
}

/// <summary>Readings that were not accepted for one reason, without discarded ones.</summary>
/// <param name="Reason">The reason.</param>
/// <param name="Count">How many.</param>
/// <param name="Oldest">When the first of them arrived.</param>
/// <param name="Newest">When the last of them arrived.</param>
/// <param name="Retryable">Whether trying such readings again can ever succeed.</param>
public sealed record QuarantineSummary(string Reason, long Count, DateTimeOffset Oldest, DateTimeOffset Newest, bool Retryable);

/// <summary>What trying a reading again came to.</summary>
/// <param name="Message">The same in words.</param>
/// <param name="Outcome"><c>stored</c>, <c>duplicate</c> or <c>quarantined</c>.</param>
/// <param name="Reading">The reading with its present reason; only when it is still in quarantine.</param>
public sealed record ReplayAnswer(string Message, string Outcome, ListedReading? Reading);

/// <summary>What trying many readings again came to.</summary>
/// <param name="Message">The same in words.</param>
/// <param name="Replayed">How many were tried.</param>
/// <param name="Stored">Stored now.</param>
/// <param name="Duplicates">Stored before with the same value.</param>
/// <param name="Quarantined">Refused again.</param>
public sealed record ReplaysAnswer(string Message, int Replayed, int Stored, int Duplicates, int Quarantined);

/// <summary>How many readings were discarded.</summary>
/// <param name="Message">The same in words.</param>
/// <param name="Discarded">How many that were open before.</param>
public sealed record DiscardsAnswer(string Message, int Discarded);
