using System.Runtime.CompilerServices;
using Npgsql;

namespace EnergyAspire.Import.Old;

/// <summary>
/// Measurements and hourly totals of the replaced system as they were at one moment, so that the import and the comparison see the same rows while the
/// replaced system still runs. One query runs at a time.
/// </summary>
internal sealed class OldReadings : IAsyncDisposable
{
    private const string SelectDevices = """
        select device_id from device_measurements union select device_id from hourly_energy_consumption order by 1
        """;

    private const string SelectMeasurements = """
        select id, "timestamp"::timestamptz, measurement_value::float8, created_at::timestamptz from device_measurements
        where device_id = $1 order by "timestamp", created_at, id
        """;

    private const string SelectHours = """
        select id, date, hour, total_consumption::float8, measurement_count from hourly_energy_consumption where device_id = $1 order by date, hour
        """;

    // The median of the gaps between a device's latest readings. A few gaps say nothing.
    private const string SelectInterval = """
        select case when count(*) >= 10 then percentile_disc(0.5) within group (order by gap) end::float8
        from (
            select extract(epoch from "timestamp" - lag("timestamp") over (order by "timestamp")) as gap
            from (select "timestamp" from device_measurements where device_id = $1 order by "timestamp" desc limit 1000) as latest
        ) as gaps
        where gap > 0
        """;

    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _snapshot;

    private OldReadings(NpgsqlConnection connection, NpgsqlTransaction snapshot) => (_connection, _snapshot) = (connection, snapshot);

    /// <summary>Number of measurements.</summary>
    public long Count { get; private set; }

    /// <summary>Whether there are measurements or hourly totals with a device id of zeros only. They are not among those of <see cref="Devices"/>.</summary>
    public bool HasNobodys { get; private set; }

    /// <summary>Devices that have measurements or hourly totals.</summary>
    public IReadOnlyList<Guid> Devices { get; private set; } = [];

    /// <summary>Takes the snapshot.</summary>
    public static async Task<OldReadings> OpenAsync(NpgsqlDataSource monitoring, CancellationToken cancel)
    {
        var connection = await monitoring.OpenConnectionAsync(cancel);
        var snapshot = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancel);
        var readings = new OldReadings(connection, snapshot);
        await foreach (var count in readings.ReadAsync("set transaction read only; select count(*) from device_measurements", [], rows => rows.GetInt64(0), cancel))
            readings.Count = count;
        var devices = await readings.ReadAsync(SelectDevices, [], rows => rows.GetGuid(0), cancel).ToListAsync(cancel);
        readings.HasNobodys = devices.Remove(Guid.Empty);
        readings.Devices = devices;

        return readings;
    }

    /// <summary>
    /// Reads a device's measurements by time and arrival, in chunks of about a given size. Measurements of the same time are never in two chunks.
    /// </summary>
    public async IAsyncEnumerable<List<OldMeasurement>> MeasurementsAsync(Guid device, int size, [EnumeratorCancellation] CancellationToken cancel)
    {
        var chunk = new List<OldMeasurement>(size);
        var measurements = ReadAsync(
            SelectMeasurements, [device],
            rows => new OldMeasurement(rows.GetGuid(0), device, rows.GetFieldValue<DateTimeOffset>(1), rows.GetDouble(2), rows.GetFieldValue<DateTimeOffset>(3)),
            cancel);
        await foreach (var measurement in measurements)
        {
            if (chunk.Count >= size && chunk[^1].Timestamp != measurement.Timestamp)
            {
                yield return chunk;
                chunk = new List<OldMeasurement>(size);
            }

            chunk.Add(measurement);
        }

        if (chunk.Count > 0)
            yield return chunk;
    }

    /// <summary>Reads a device's hourly totals.</summary>
    public ValueTask<List<OldHour>> HoursAsync(Guid device, CancellationToken cancel) => ReadAsync(
        SelectHours, [device],
        rows => new OldHour(rows.GetGuid(0), rows.GetFieldValue<DateOnly>(1), rows.GetInt32(2), rows.GetDouble(3), rows.GetInt32(4)),
        cancel).ToListAsync(cancel);

    /// <summary>Returns the seconds between two readings of a device, as its latest readings show; null when there are too few.</summary>
    public async Task<double?> IntervalAsync(Guid device, CancellationToken cancel) =>
        (await ReadAsync(SelectInterval, [device], rows => rows.IsDBNull(0) ? (double?)null : rows.GetDouble(0), cancel).ToListAsync(cancel))[0];

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _snapshot.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private async IAsyncEnumerable<T> ReadAsync<T>(
        string sql, object[] values, Func<NpgsqlDataReader, T> read, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, _connection, _snapshot) { CommandTimeout = 0 };
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
            yield return read(rows);
    }
}
