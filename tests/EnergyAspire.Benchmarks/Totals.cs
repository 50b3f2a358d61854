namespace EnergyAspire.Benchmarks;

/// <summary>Compares every hour in the database with what the fleet published.</summary>
internal static class Totals
{
    /// <returns>The first difference; null when there is none.</returns>
    public static async Task<string?> DifferenceAsync(
        ProductDatabase database, Fleet fleet, long first, long end, bool hasHistory, CancellationToken cancel)
    {
        var expected = end - first + (hasHistory ? fleet.HistoryReadings : 0);
        var counted = 0L;
        await using var hours = database.Source.CreateCommand("select device_id, hour_start, energy, reading_count from hourly_consumption where device_id <> $1");
        hours.Parameters.Add(new() { Value = fleet.Probe });
        hours.CommandTimeout = 600;
        await using (var rows = await hours.ExecuteReaderAsync(cancel))
        {
            while (await rows.ReadAsync(cancel))
            {
                var (device, hour) = (rows.GetGuid(0), rows.GetFieldValue<DateTimeOffset>(1));
                var stored = (rows.GetInt64(2), rows.GetInt32(3));
                var right = fleet.Expected(device, hour, first, end, hasHistory);
                if (stored != right)
                    return $"{device} at {hour:u} holds {stored} instead of {right} (mWh, readings)";
                counted += stored.Item2;
            }
        }

        // Every compared hour is right, so an equal number of readings means that no hour is missing or added.
        if (counted != expected)
            return $"{counted} readings are counted instead of {expected}";

        var raw = await database.ScalarAsync<long>($"select count(*) from readings where device_id <> '{fleet.Probe}'", cancel);
        return raw == expected ? null : $"{raw} raw rows instead of {expected}";
    }
}
