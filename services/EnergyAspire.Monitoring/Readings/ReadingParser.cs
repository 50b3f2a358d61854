using System.Runtime.InteropServices;
using System.Text.Json;
using EnergyAspire.Contracts;
using EnergyAspire.Monitoring.Hours;
using Microsoft.Extensions.Options;

namespace EnergyAspire.Monitoring.Readings;

/// <summary>Result of parsing: a reading, or the reason why it is not accepted.</summary>
/// <param name="Reading">The reading. With a reason it holds only the device and the time, or their defaults where they couldn't be read.</param>
/// <param name="Reason">One of <see cref="QuarantineReason"/>, null for an acceptable reading.</param>
/// <param name="Detail">What exactly is wrong.</param>
/// <param name="Register">The meter's register; null when the message has none.</param>
public readonly record struct ParsedReading(Reading Reading, string? Reason, string? Detail, ParsedRegister? Register = null);

/// <summary>A register in a message. An object of its own, because most messages have none and are copied often.</summary>
/// <param name="Value">Milliwatt-hours.</param>
/// <param name="IsAlone">Whether the message has no energy of an interval. Then <see cref="Reading.Energy"/> is 0.</param>
public sealed record ParsedRegister(long Value, bool IsAlone);

/// <summary>Parses the wire format of readings: a JSON object, or an array of objects.</summary>
public sealed class ReadingParser(IOptions<IngestOptions> settings, TimeProvider time)
{
    // Longer than any number of a meter, even if every character is escaped.
    private const int MostQuotedBytes = 256;

    // No register has more digits.
    private const decimal LargestRegister = 1_000_000_000_000;

    private readonly IngestOptions _options = settings.Value;
    private readonly decimal _largest = (decimal)settings.Value.LargestReadingKwh;
    private readonly TimeZoneInfo? _assumedZone = settings.Value.FindAssumedZone();

    /// <summary>Splits a message into its readings, each with its original bytes, so that an invalid reading doesn't affect the others.</summary>
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

    /// <summary>Parses one reading and checks that its values are plausible.</summary>
    /// <remarks>Energy is rounded to whole milliwatt-hours, halves to even.</remarks>
    public ParsedReading Parse(ReadOnlySpan<byte> body)
    {
        Guid? device = null;
        DateTimeOffset? timestamp = null;
        decimal? kilowattHours = null;
        decimal? register = null;
        var (isProduction, isDirection) = (false, true);
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
                else if (json.ValueTextEquals("register_value"u8))
                    register = json.Read() ? Register(ref json) : null;
                else if (json.ValueTextEquals("direction"u8))
                    (isProduction, isDirection) = json.Read() ? Direction(ref json) : default;
                else
                    json.Skip();
            }

            if (json.Read())
                return Fault("Something follows the reading.");
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return Fault(Words(failure));
        }

        if (device is null)
            return Fault("device_id is missing or no UUID.");
        if (timestamp is null)
            return Fault("timestamp is missing or no RFC 3339 time with an offset.");
        if (kilowattHours is null && register is null)
            return Fault("measurement_value is missing or no number, and so is register_value.");

        if (!isDirection)
            return Fault($"direction is neither {EnergyDirection.Consumption} nor {EnergyDirection.Production}.");
        if (isProduction)
            device = TwoWayMeter.ProductionId(device.Value);

        // An absurd value may not fit into a long. It is quarantined, so it is never used. A wrong register beside the energy is ignored.
        var (wrong, detail) = kilowattHours is { } energy ? JudgeEnergy(energy) : JudgeRegister(register!.Value);
        if (wrong is not null)
            return new ParsedReading(new Reading(device.Value, timestamp.Value, Energy: 0), wrong, detail);

        return JudgeTime(new ParsedReading(
            new Reading(device.Value, timestamp.Value, MilliwattHours(kilowattHours ?? 0)), Reason: null, Detail: null,
            register is { } value && JudgeRegister(value).Reason is null ? new ParsedRegister(MilliwattHours(value), IsAlone: kilowattHours is null) : null));

        ParsedReading Fault(string detail) =>
            new(new Reading(device ?? default, timestamp ?? default, Energy: 0), QuarantineReason.Malformed, detail);
    }

    /// <summary>Reads a text as the time of a reading, in UTC; null when it is none.</summary>
    internal DateTimeOffset? ParseTime(string text)
    {
        var json = new Utf8JsonReader(JsonSerializer.SerializeToUtf8Bytes(text));
        return json.Read() ? Timestamp(ref json) : null;
    }

    /// <summary>Checks the time of an accepted reading against the present. A reading that waited for the database may be too old by now.</summary>
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

    private static (string? Reason, string? Detail) JudgeRegister(decimal kilowattHours) =>
        kilowattHours < 0 ? (QuarantineReason.Negative, $"register of {kilowattHours} kWh")
        : kilowattHours > LargestRegister ? (QuarantineReason.Absurd, $"register of {kilowattHours} kWh")
        : (null, null);

    private static long MilliwattHours(decimal kilowattHours) => (long)decimal.Round(kilowattHours * Energy.MilliwattHoursPerKilowattHour, MidpointRounding.ToEven);

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

    /// <summary>Returns what the JSON reader says of a message, with lines and bytes counted from 1.</summary>
    private static string Words(Exception failure)
    {
        // The reader appends the position in its own terms: " LineNumber: 0 | BytePositionInLine: 4."
        if (failure is not JsonException { LineNumber: { } line, BytePositionInLine: { } position }
            || failure.Message.LastIndexOf(" LineNumber: ", StringComparison.Ordinal) is not (> 0 and var end))
            return failure.Message;

        return $"The JSON can't be read at line {line + 1}, byte {position + 1}: {failure.Message.AsSpan(0, end)}";
    }

    /// <summary>Returns the part of a message that is JSON. Meters may put a byte order mark before it and zero bytes after it.</summary>
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

        // Out of decimal's range, so it is absurd or negative in any case.
        return json.TryGetDouble(out var huge) && huge < 0 ? decimal.MinValue : decimal.MaxValue;
    }

    private static decimal? Register(ref Utf8JsonReader json)
    {
        if (json.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
            return KilowattHours(ref json);

        json.Skip();
        return null;
    }

    private static (bool IsProduction, bool IsDirection) Direction(ref Utf8JsonReader json)
    {
        if (json.TokenType is JsonTokenType.Null)
            return (false, true);
        if (json.TokenType is JsonTokenType.String)
        {
            var isProduction = json.ValueTextEquals(EnergyDirection.Production);
            return (isProduction, isProduction || json.ValueTextEquals(EnergyDirection.Consumption));
        }

        json.Skip();
        return default;
    }

    /// <summary>Reads a number in quotes like one without.</summary>
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

    /// <summary>
    /// Reads a time, to the microsecond. A time without an offset is accepted only when <see cref="IngestOptions.AssumeZone"/> is set.
    /// </summary>
    private DateTimeOffset? Timestamp(ref Utf8JsonReader json)
    {
        if (json.TokenType != JsonTokenType.String || !json.TryGetDateTimeOffset(out var instant) || !json.TryGetDateTime(out var written))
            return null;

        // The JSON reader interprets a time without an offset in this machine's zone.
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
