using System.Text;
using CsCheck;
using EnergyAspire.Contracts;
using EnergyAspire.Monitoring.Readings;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace EnergyAspire.Monitoring.Tests.Readings;

public sealed class ReadingParserTests
{
    private const string Device = "00000000-0000-7000-8000-0000000000d1";

    private static readonly DateTimeOffset Now = new(2026, 3, 29, 1, 0, 0, TimeSpan.Zero);

    private static readonly ReadingParser Parser = new(Options.Create(new IngestOptions()), new FakeTimeProvider(Now));

    private static readonly ReadingParser InBerlin = new(Options.Create(new IngestOptions { AssumeZone = "Europe/Berlin" }), new FakeTimeProvider(Now));

    [Fact]
    public void The_contract_s_example_is_a_reading()
    {
        var parsed = Parse($$"""{"timestamp": "2026-03-29T00:50:00Z", "device_id": "{{Device}}", "measurement_value": 0.231}""");

        Assert.Null(parsed.Reason);
        Assert.Equal(new Reading(new Guid(Device), new DateTimeOffset(2026, 3, 29, 0, 50, 0, TimeSpan.Zero), 231_000), parsed.Reading);
    }

    [Theory]
    [InlineData("0.000001", 1)]
    [InlineData("1e-6", 1)]
    [InlineData("0.1", 100_000)]
    [InlineData("12.3456785", 12_345_678)]
    [InlineData("12.3456795", 12_345_680)]
    [InlineData("0", 0)]
    [InlineData("1e-7", 0)]
    [InlineData("0.0000006", 1)]
    public void Kilowatt_hours_become_exact_milliwatt_hours(string number, long energy) =>
        Assert.Equal(energy, Parse(Message(value: number)).Reading.Energy);

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"timestamp\"")]
    [InlineData("[1,2")]
    [InlineData("\"text\"")]
    [InlineData("{} {}")]
    [InlineData("\u0000\u0001")]
    public void What_is_no_reading_is_malformed(string message) => Assert.Equal(QuarantineReason.Malformed, Parse(message).Reason);

    [Theory]
    [InlineData("nonsense", "The JSON can't be read at line 1, byte 2: 'nonsense' is an invalid JSON literal. Expected the literal 'null'.")]
    [InlineData("{\r\n\"timestamp\" 1}", "The JSON can't be read at line 2, byte 13: '1' is invalid after a property name. Expected a ':'.")]
    [InlineData("[1]", "A reading is a JSON object.")]
    [InlineData("{}", "device_id is missing or no UUID.")]
    [InlineData($$"""{"device_id": "{{Device}}"}""", "timestamp is missing or no RFC 3339 time with an offset.")]
    [InlineData($$"""{"device_id": "{{Device}}", "timestamp": "2026-03-29T00:50:00Z"}""", "measurement_value is missing or no number, and so is register_value.")]
    public void What_is_malformed_is_told_without_terms_of_the_program(string message, string detail) => Assert.Equal(detail, Parse(message).Detail);

    [Theory]
    [InlineData("\"production\"", true)]
    [InlineData("\"pro\\u0064uction\"", true)]
    [InlineData("\"consumption\"", false)]
    [InlineData("null", false)]
    public void Energy_that_is_produced_belongs_to_the_production_register(string direction, bool isProduction)
    {
        var parsed = Parse($$"""{"direction": {{direction}}, "device_id": "{{Device}}", "timestamp": "2026-03-29T00:50:00Z", "measurement_value": 0.231}""");

        Assert.Equal((isProduction ? TwoWayMeter.ProductionId(new Guid(Device)) : new Guid(Device), 231_000, null), (parsed.Reading.DeviceId, parsed.Reading.Energy, parsed.Reason));
    }

    [Theory]
    [InlineData("\"export\"")]
    [InlineData("\"Production\"")]
    [InlineData("\"\"")]
    [InlineData("true")]
    [InlineData("1")]
    [InlineData("[\"production\"]")]
    [InlineData("{\"direction\": \"production\"}")]
    public void Another_direction_is_malformed(string direction)
    {
        var parsed = Parse($$"""{"direction": {{direction}}, "device_id": "{{Device}}", "timestamp": "2026-03-29T00:50:00Z", "measurement_value": 0.231}""");

        Assert.Equal((QuarantineReason.Malformed, "direction is neither consumption nor production."), (parsed.Reason, parsed.Detail));
    }

    [Theory]
    [InlineData("\"0.231\"", 231_000)]
    [InlineData("\" 0.231 \"", 231_000)]
    [InlineData("\"2.31e-1\"", 231_000)]
    [InlineData("\"\\u0030.231\"", 231_000)]
    public void A_number_in_quotes_is_that_number(string number, long energy)
    {
        var parsed = Parse(Message(value: number));

        Assert.Equal((null, energy), (parsed.Reason, parsed.Reading.Energy));
    }

    [Theory]
    [InlineData(256, null)]
    [InlineData(257, QuarantineReason.Malformed)]
    public void A_number_in_quotes_has_at_most_256_bytes(int length, string? reason) =>
        Assert.Equal(reason, Parse(Message(value: $"\"{"0.231".PadRight(length, '0')}\"")).Reason);

    [Theory]
    [InlineData("\"\"")]
    [InlineData("\"0,2\"")]
    [InlineData("\"1 2\"")]
    [InlineData("\"NaN\"")]
    [InlineData("\"Infinity\"")]
    [InlineData("\"\\\"1\\\"\"")]
    [InlineData("\"\\ud800\"")]
    [InlineData("null")]
    [InlineData("NaN")]
    [InlineData("true")]
    [InlineData("{}")]
    public void A_value_that_is_no_number_is_malformed(string value) =>
        Assert.Equal(QuarantineReason.Malformed, Parse(Message(value: value)).Reason);

    [Theory]
    [InlineData("2026-03-29T00:50:00")]
    [InlineData("2026-03-29")]
    [InlineData("yesterday")]
    [InlineData("2026-02-30T00:00:00Z")]
    public void A_time_without_offset_is_malformed_because_its_instant_is_unknown(string timestamp) =>
        Assert.Equal(QuarantineReason.Malformed, Parse(Message(timestamp)).Reason);

    [Fact]
    public void The_same_instant_with_another_offset_is_the_same_reading() =>
        Assert.Equal(Parse(Message("2026-03-29T00:50:00Z")).Reading, Parse(Message("2026-03-29T02:50:00+02:00")).Reading);

    [Theory]
    [InlineData(@"2026-03-29T02:50:00\u002B02:00")]
    [InlineData(@"2026-03-29T00:50:00\u005a")]
    [InlineData(@"2026-03-29T00\u003a50:00Z")]
    [InlineData(@"\u0032\u0030\u0032\u0036-03-29T00:50:00-00:00")]
    public void An_escaped_time_is_the_time_that_it_stands_for(string timestamp) =>
        Assert.Equal(Parse(Message("2026-03-29T00:50:00Z")), Parse(Message(timestamp)));

    [Fact]
    public void Names_and_ids_may_be_escaped() => Assert.Equal(
        Parse(Message()),
        Parse($$"""{"\u0074imestamp": "2026-03-29T00:50:00Z", "device\u005fid": "{{Device.Replace("d1", @"\u00641", StringComparison.Ordinal)}}", "measurement\u005Fvalue": 0.231}"""));

    [Theory]
    [InlineData("\uFEFF", "")]
    [InlineData("", "\0")]
    [InlineData("\uFEFF \r\n", "\r\n\0\0\0")]
    public void What_embedded_meters_put_around_a_message_is_no_part_of_it(string before, string after)
    {
        Assert.Equal(Parse(Message()), Parse(before + Message() + after));
        Assert.Equal(2, ReadingParser.Split(Encoding.UTF8.GetBytes($"{before}[{Message()}, {Message()}]{after}")).Count);
    }

    [Theory]
    [InlineData("2026-03-28T12:00:00", "2026-03-28T11:00:00Z")]
    [InlineData("2026-03-28T12:00:00\\u002e5", "2026-03-28T11:00:00.5Z")]
    [InlineData("2025-10-26T02:30:00", "2025-10-26T01:30:00Z")]
    [InlineData("2026-03-28", "2026-03-27T23:00:00Z")]
    [InlineData("2026-03-28T12:00:00Z", "2026-03-28T12:00:00Z")]
    [InlineData("2026-03-28T12:00:00-05:00", "2026-03-28T17:00:00Z")]
    public void A_time_without_offset_is_of_the_zone_that_the_installation_assumes(string timestamp, string instant)
    {
        var parsed = InBerlin.Parse(Encoding.UTF8.GetBytes(Message(timestamp)));

        Assert.Equal((null, DateTimeOffset.Parse(instant)), (parsed.Reason, parsed.Reading.Timestamp));
    }

    [Theory]
    [InlineData("2025-03-30T02:30:00")]
    [InlineData("12:00:00")]
    public void A_time_that_the_assumed_zone_doesn_t_have_stays_malformed(string timestamp) =>
        Assert.Equal(QuarantineReason.Malformed, InBerlin.Parse(Encoding.UTF8.GetBytes(Message(timestamp))).Reason);

    [Fact]
    public void Of_what_is_malformed_the_device_and_time_are_told_where_they_can_be_read()
    {
        var parsed = Parse(Message(value: "null"));

        Assert.Equal(
            (QuarantineReason.Malformed, new Guid(Device), new DateTimeOffset(2026, 3, 29, 0, 50, 0, TimeSpan.Zero)),
            (parsed.Reason, parsed.Reading.DeviceId, parsed.Reading.Timestamp));
    }

    [Theory]
    [InlineData("-0.001", QuarantineReason.Negative, "-0.001 kWh")]
    [InlineData("10000.1", QuarantineReason.Absurd, "10000.1 kWh in one interval")]
    [InlineData("\"-1\"", QuarantineReason.Negative, "-1 kWh")]
    [InlineData("0", null, null)]
    [InlineData("10000", null, null)]
    public void Energy_that_can_t_be_is_refused(string value, string? reason, string? detail)
    {
        var reading = Parse(Message(value: value));

        Assert.Equal((reason, detail), (reading.Reason, reading.Detail));
    }

    [Theory]
    [InlineData("-1e300", QuarantineReason.Negative)]
    [InlineData("\"1e300\"", QuarantineReason.Absurd)]
    [InlineData("1e300", QuarantineReason.Absurd)]
    public void Energy_beyond_all_numbers_is_refused(string value, string reason) => Assert.Equal(reason, Parse(Message(value: value)).Reason);

    [Fact]
    public void A_time_is_known_to_the_microsecond() =>
        Assert.Equal(Parse(Message("2026-03-29T00:50:00.123456Z")), Parse(Message("2026-03-29T00:50:00.1234567Z")));

    [Theory]
    [InlineData("2026-03-29T01:05:01Z", QuarantineReason.Future, "0:05:01 hours ahead")]
    [InlineData("2026-05-01T01:00:00Z", QuarantineReason.Future, "33 days ahead")]
    [InlineData("2026-03-31T01:00:00Z", QuarantineReason.Future, "2 days ahead")]
    [InlineData("2026-03-29T01:05:00Z", null, null)]
    [InlineData("2025-02-21T00:59:59Z", QuarantineReason.TooOld, "401 days old")]
    [InlineData("2025-02-22T01:00:00Z", null, null)]
    public void Times_too_far_from_now_are_refused(string timestamp, string? reason, string? detail)
    {
        var reading = Parse(Message(timestamp));

        Assert.Equal((reason, detail), (reading.Reason, reading.Detail));
    }

    [Fact]
    public void Unknown_fields_are_ignored_because_fields_may_be_added() =>
        Assert.Null(Parse($$"""{"extra": {"a": [1]}, "timestamp": "2026-03-29T00:50:00Z", "device_id": "{{Device}}", "measurement_value": 1}""").Reason);

    [Fact]
    public void An_array_is_split_so_that_a_bad_element_stands_alone()
    {
        var parts = ReadingParser.Split(Encoding.UTF8.GetBytes($"[{Message()}, 17, {Message(value: "-1")}]"));

        Assert.Equal([null, QuarantineReason.Malformed, QuarantineReason.Negative], parts.Select(part => Parser.Parse(part).Reason));
    }

    [Fact]
    public void An_element_that_is_no_text_stands_alone_with_its_original_bytes()
    {
        const string Surrogate = """{"a":  "\ud800"}""";

        var parts = ReadingParser.Split(Encoding.UTF8.GetBytes($"[{Surrogate}, {Message()}]"));

        Assert.Equal(Surrogate, Encoding.UTF8.GetString(parts[0]));
        Assert.Equal([QuarantineReason.Malformed, null], parts.Select(part => Parser.Parse(part).Reason));
    }

    [Fact]
    public void No_bytes_whatever_make_the_parser_throw() =>
        Gen.OneOf(Gen.Byte.Array[0, 60], Gen.Select(Gen.Int[0, 110], Gen.Byte, (position, change) =>
        {
            var message = Encoding.UTF8.GetBytes(Message());
            message[position % message.Length] = change;
            return message;
        })).Sample(bytes =>
        {
            foreach (var part in ReadingParser.Split(bytes))
                Parser.Parse(part);
        });

    private static ParsedReading Parse(string message) => Parser.Parse(Encoding.UTF8.GetBytes(message));

    private static string Message(string timestamp = "2026-03-29T00:50:00Z", string value = "0.231") =>
        $$"""{"timestamp": "{{timestamp}}", "device_id": "{{Device}}", "measurement_value": {{value}}}""";
}
