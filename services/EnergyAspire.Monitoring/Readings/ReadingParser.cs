using System.Runtime.InteropServices;
using System.Text.Json;
using EnergyAspire.Monitoring.Consumption;
using Microsoft.Extensions.Options;

namespace EnergyAspire.Monitoring.Readings;

/// <summary>What a message says: a reading, or why it is none.</summary>
/// <param name="Reading">The reading. When there is a reason: its device and time where they could be read, else their defaults.</param>
/// <param name="Reason">One of <see cref="QuarantineReason"/>, null for an acceptable reading.</param>
/// <param name="Detail">What exactly is wrong.</param>
public readonly record struct ParsedReading(Reading Reading, string? Reason, string? Detail);

/// <summary>Reads the wire format of readings: a JSON object, or an array of them.</summary>
public sealed class ReadingParser(IOptions<IngestOptions> settings, TimeProvider time)
{
    // Longer than any number that a meter sends, even with each of its characters escaped.
    private const int MostQuotedBytes = 256;

    private readonly IngestOptions _options = settings.Value;
    private readonly decimal _largest = (decimal)settings.Value.LargestReadingKwh;
    private readonly TimeZoneInfo? _assumedZone = settings.Value.FindAssumedZone();

    /// <summary>Splits a message into its readings, each with its original bytes, so that one bad reading doesn't take its neighbours with it.</summary>
    public static IReadOnlyList<byte[]> Split(byte[] body)
    {
        var (start, length) = JsonIn(body).GetOffsetAndLength(body.Length);
        if (body.AsSpan(start, length).TrimStart(" \t\r\n"u8) is not [(byte)'[', ..])
            return [body];

        try
        {
            using var array = JsonDocument.Parse(body.AsMemory(start, length));
            return [.. array.RootElement.EnumerateArray().Select(element => JsonMarshal.GetRawUtf8Value(element).ToArray())];
        }
        catch (JsonException)
        {
            return [body];
        }
    }

    /// <summary>Reads one reading and checks it against what can be believed.</summary>
    /// <remarks>Digits below a milliwatt-hour are rounded to the nearest, halves to the even one.</remarks>
    public ParsedReading Parse(ReadOnlySpan<byte> body)
    {
        Guid? device = null;
        DateTimeOffset? timestamp = null;
        decimal? kilowattHours = null;
        try
        {
            var json = new Utf8JsonReader(body[JsonIn(body)]);
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
                return Fault("A reading is a JSON object.");

            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                if (json.ValueTextEquals("device_id"u8))
                    device = json.Read() && json.TokenType == JsonTokenType.String && json.TryGetGuid(out var id) ? id : null;
                else if (json.ValueTextEquals("timestamp"u8))
                    timestamp = json.Read() ? Timestamp(ref json) : null;
                else if (json.ValueTextEquals("measurement_value"u8))
                    kilowattHours = json.Read() ? KilowattHours(ref json) : null;
                else
                    json.Skip();
            }

            if (json.Read())
                return Fault("Something follows the reading.");
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return Fault(failure.Message);
        }

        if (device is null)
            return Fault("device_id is missing or no UUID.");
        if (timestamp is null)
            return Fault("timestamp is missing or no RFC 3339 time with an offset.");
        if (kilowattHours is null)
            return Fault("measurement_value is missing or no number.");

        // What is absurd may not fit; it is quarantined, so its energy is never used.
        if (JudgeEnergy(kilowattHours.Value) is { Reason: not null } refused)
            return new ParsedReading(new Reading(device.Value, timestamp.Value, Energy: 0), refused.Reason, refused.Detail);

        var energy = (long)decimal.Round(kilowattHours.Value * Energy.MilliwattHoursPerKilowattHour, MidpointRounding.ToEven);
        return JudgeTime(new ParsedReading(new Reading(device.Value, timestamp.Value, energy), Reason: null, Detail: null));

        ParsedReading Fault(string detail) =>
            new(new Reading(device ?? default, timestamp ?? default, Energy: 0), QuarantineReason.Malformed, detail);
    }

    /// <summary>Checks the time of an acceptable reading against the present. One that waited for the database may be too old by now.</summary>
    public ParsedReading JudgeTime(ParsedReading parsed)
    {
        if (parsed.Reason is not null)
            return parsed;

        var (reason, detail) = JudgeTime(parsed.Reading.Timestamp);
        return parsed with { Reason = reason, Detail = detail };
    }

    private (string? Reason, string? Detail) JudgeEnergy(decimal kilowattHours) =>
        kilowattHours < 0 ? (QuarantineReason.Negative, $"{kilowattHours} kWh")
        : kilowattHours > _largest ? (QuarantineReason.Absurd, $"{kilowattHours} kWh in one interval")
        : (null, null);

    private (string? Reason, string? Detail) JudgeTime(DateTimeOffset timestamp)
    {
        var now = time.GetUtcNow();
        if (timestamp > now + _options.FutureTolerance)
            return (QuarantineReason.Future, $"{Words(timestamp - now)} ahead");
        if (timestamp < now - _options.Retention)
            return (QuarantineReason.TooOld, $"{Words(now - timestamp)} old");

        return (null, null);
    }

    private static string Words(TimeSpan span) =>
        span.TotalDays >= 2 ? $"{span.TotalDays:0} days" : $"{(int)span.TotalHours}:{span:mm':'ss} hours";

    /// <summary>The part of a message that is JSON: meters may put a byte order mark before it and end it with zero bytes.</summary>
    private static Range JsonIn(ReadOnlySpan<byte> body)
    {
        var start = body.StartsWith("\uFEFF"u8) ? "\uFEFF"u8.Length : 0;
        return start..(start + body[start..].TrimEnd((byte)0).Length);
    }

    private static decimal? KilowattHours(ref Utf8JsonReader json)
    {
        if (json.TokenType == JsonTokenType.String)
            return QuotedKilowattHours(ref json);
        if (json.TokenType != JsonTokenType.Number)
            return null;
        if (json.TryGetDecimal(out var exact))
            return exact;

        // Beyond decimal's range, so absurd or negative, whatever its digits.
        return json.TryGetDouble(out var huge) && huge < 0 ? decimal.MinValue : decimal.MaxValue;
    }

    /// <summary>Reads a number that stands in quotes as if it stood without them.</summary>
    private static decimal? QuotedKilowattHours(ref Utf8JsonReader json)
    {
        if (json.ValueSpan.Length > MostQuotedBytes)
            return null;

        Span<byte> text = stackalloc byte[MostQuotedBytes];
        var number = new Utf8JsonReader(text[..json.CopyString(text)]);
        try
        {
            return number.Read() && number.TokenType == JsonTokenType.Number && KilowattHours(ref number) is { } value && !number.Read() ? value : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Reads a time, to the microsecond. One without an offset is an instant only when a zone is assumed for it.</summary>
    private DateTimeOffset? Timestamp(ref Utf8JsonReader json)
    {
        if (json.TokenType != JsonTokenType.String || !json.TryGetDateTimeOffset(out var instant) || !json.TryGetDateTime(out var written))
            return null;

        // Of a time without offset the reader makes an instant of this machine's zone.
        if (written.Kind == DateTimeKind.Unspecified)
        {
            if (_assumedZone is null || _assumedZone.IsInvalidTime(written))
                return null;
            instant = new DateTimeOffset(TimeZoneInfo.ConvertTimeToUtc(written, _assumedZone));
        }

        var utc = instant.ToUniversalTime();
        return utc.AddTicks(-(utc.Ticks % TimeSpan.TicksPerMicrosecond));
    }
}
