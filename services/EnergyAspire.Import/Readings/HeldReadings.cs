using System.Text;
using EnergyAspire.Monitoring.Readings;
using Npgsql;

namespace EnergyAspire.Import.Readings;

/// <summary>What Monitoring holds of a device.</summary>
internal sealed class HeldReadings(NpgsqlDataSource monitoring)
{
    private const string SelectAny = """
        select exists (select from readings where device_id = $1), exists (select from quarantined_readings where device_id = $1)
        """;

    // The sum keeps the array out of the index search: one scan of the span with a hash table of the times is several times as fast as a search for each
    // time in each partition.
    private const string SelectEnergies = """
        select timestamp, energy from readings
        where device_id = $1 and timestamp between $2 and $3 and timestamp + interval '0' = any($4)
        """;

    private const string SelectQuarantined = "select body, reason from quarantined_readings where device_id = $1 and timestamp = any($2)";

    private const string SelectHours = """
        select date_trunc('hour', timestamp, 'UTC'), sum(energy)::bigint, count(*)::int from readings
        where device_id = $1 and timestamp >= $2 and timestamp < $3 group by 1
        """;

    /// <summary>Whether there are readings of a device, and whether there may be some of it in quarantine.</summary>
    public async Task<(bool HasReadings, bool HasQuarantined)> AnyAsync(Guid device, CancellationToken cancel) =>
        (await ReadAsync(SelectAny, [device], rows => (rows.GetBoolean(0), rows.GetBoolean(1)), cancel))[0];

    /// <summary>Returns the energies in milliwatt-hours that are stored for these times.</summary>
    public async Task<Dictionary<DateTimeOffset, long>> EnergiesAsync(Guid device, IEnumerable<ArrivedReading> readings, CancellationToken cancel)
    {
        var times = readings.Select(reading => reading.Parsed.Reading.Timestamp).Distinct().ToArray();

        if (times.Length == 0)
            return [];

        return (await ReadAsync(SelectEnergies, [device, times.Min(), times.Max(), times], rows => (rows.GetFieldValue<DateTimeOffset>(0), rows.GetInt64(1)), cancel))
            .ToDictionary(row => row.Item1, row => row.Item2);
    }

    /// <summary>Returns the quarantined readings of these times, discarded ones included.</summary>
    public async Task<QuarantinedMessages> QuarantinedAsync(Guid device, IEnumerable<ArrivedReading> readings, CancellationToken cancel)
    {
        var times = readings.Select(reading => reading.Parsed.Reading.Timestamp).Distinct().ToArray();

        return new QuarantinedMessages(
            await ReadAsync(SelectQuarantined, [device, times], rows => (rows.GetFieldValue<byte[]>(0), rows.GetString(1)), cancel));
    }

    /// <summary>Returns energy in milliwatt-hours and count of a device's readings by UTC hour.</summary>
    public async Task<Dictionary<DateTimeOffset, (long Energy, int Count)>> HoursAsync(
        Guid device, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel) =>
        (await ReadAsync(SelectHours, [device, from, to], rows => (rows.GetFieldValue<DateTimeOffset>(0), rows.GetInt64(1), rows.GetInt32(2)), cancel))
            .ToDictionary(row => row.Item1, row => (row.Item2, row.Item3));

    private async Task<List<T>> ReadAsync<T>(string sql, object[] values, Func<NpgsqlDataReader, T> read, CancellationToken cancel)
    {
        await using var command = monitoring.CreateCommand(sql);
        command.CommandTimeout = 0;
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        await using var rows = await command.ExecuteReaderAsync(cancel);
        var result = new List<T>();
        while (await rows.ReadAsync(cancel))
            result.Add(read(rows));

        return result;
    }
}

/// <summary>
/// Messages in quarantine. They are recognized by their bytes, because the import makes the same bytes of a measurement each time. Equal messages are
/// counted, because equal measurements are refused one by one.
/// </summary>
internal sealed class QuarantinedMessages(IEnumerable<(byte[] Body, string Reason)> messages)
{
    private readonly Dictionary<string, Stack<string>> _reasons = messages.GroupBy(message => Key(message.Body), StringComparer.Ordinal)
        .ToDictionary(same => same.Key, same => new Stack<string>(same.Select(message => message.Reason)), StringComparer.Ordinal);

    /// <summary>Takes one of the messages that are equal to a reading's; returns its reason, or null when there is none left.</summary>
    public string? Take(ArrivedReading reading) =>
        _reasons.Count > 0 && _reasons.TryGetValue(Key(reading.Body), out var reasons) && reasons.TryPop(out var reason) ? reason : null;

    private static string Key(byte[] body) => Encoding.UTF8.GetString(body);
}
