using System.Runtime.InteropServices;
using System.Text.Json;
using EnergyAspire.Monitoring.Consumption;
using Microsoft.Extensions.Options;

namespace EnergyAspire.Monitoring.Readings;

/// <summary>What a message says: a reading, or why it is none.</summary>
/// <param name="Reading">The reading; meaningless when there is a reason.</param>
/// <param name="Reason">One of <see cref="QuarantineReason"/>, null for an acceptable reading.</param>
/// <param name="Detail">What exactly is wrong.</param>
public readonly record struct ParsedReading(Reading Reading, string? Reason, string? Detail);

/// <summary>Reads the wire format of readings: a JSON object, or an array of them.</summary>
public sealed class ReadingParser(IOptions<IngestOptions> settings, TimeProvider time)
{
    private readonly IngestOptions _options = settings.Value;
    private readonly decimal _largest = (decimal)settings.Value.LargestReadingKwh;

    /// <summary>Splits a message into its readings, each with its original bytes, so that one bad reading doesn't take its neighbours with it.</summary>
    public static IReadOnlyList<byte[]> Split(byte[] body)
    {
        if (body.AsSpan().TrimStart(" \t\r\n"u8) is not [(byte)'[', ..])
            return [body];

        try
        {
            using var array = JsonDocument.Parse(body);
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
            var json = new Utf8JsonReader(body);
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
                return Malformed("A reading is a JSON object.");

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
                return Malformed("Something follows the reading.");
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return Malformed(failure.Message);
        }

        if (device is null)
            return Malformed("device_id is missing or no UUID.");
        if (timestamp is null)
            return Malformed("timestamp is missing or no RFC 3339 time with an offset.");
        if (kilowattHours is null)
            return Malformed("measurement_value is missing or no number.");

        var (reason, detail) = Judge(timestamp.Value, kilowattHours.Value);
        // What is absurd may not fit; it is quarantined, so its energy is never used.
        var energy = reason is null ? (long)decimal.Round(kilowattHours.Value * Energy.MilliwattHoursPerKilowattHour, MidpointRounding.ToEven) : 0;

        return new ParsedReading(new Reading(device.Value, timestamp.Value, energy), reason, detail);
    }

    private (string? Reason, string? Detail) Judge(DateTimeOffset timestamp, decimal kilowattHours)
    {
        var now = time.GetUtcNow();
        if (kilowattHours < 0)
            return (QuarantineReason.Negative, $"{kilowattHours} kWh");
        if (kilowattHours > _largest)
            return (QuarantineReason.Absurd, $"{kilowattHours} kWh in one interval");
        if (timestamp > now + _options.FutureTolerance)
            return (QuarantineReason.Future, $"{Words(timestamp - now)} ahead");
        if (timestamp < now - _options.Retention)
            return (QuarantineReason.TooOld, $"{Words(now - timestamp)} old");

        return (null, null);
    }

    private static string Words(TimeSpan span) =>
        span.TotalDays >= 2 ? $"{span.TotalDays:0} days" : $"{(int)span.TotalHours}:{span:mm':'ss} hours";

    private static decimal? KilowattHours(ref Utf8JsonReader json)
    {
        if (json.TokenType != JsonTokenType.Number)
            return null;
        if (json.TryGetDecimal(out var exact))
            return exact;

        // Beyond decimal's range, so absurd or negative, whatever its digits.
        return json.TryGetDouble(out var huge) && huge < 0 ? decimal.MinValue : decimal.MaxValue;
    }

    private static DateTimeOffset? Timestamp(ref Utf8JsonReader json)
    {
        if (json.TokenType != JsonTokenType.String || !json.TryGetDateTimeOffset(out var timestamp) || !EndsWithOffset(json.ValueSpan))
            return null;

        var utc = timestamp.ToUniversalTime();
        return utc.AddTicks(-(utc.Ticks % TimeSpan.TicksPerMicrosecond));
    }

    /// <summary>Without an offset the parser would take this machine's zone.</summary>
    private static bool EndsWithOffset(ReadOnlySpan<byte> text) => text is [.., (byte)'Z'] || text is [.., (byte)'+' or (byte)'-', _, _, (byte)':', _, _];

    private static ParsedReading Malformed(string detail) => new(default, QuarantineReason.Malformed, detail);
}
