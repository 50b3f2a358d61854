using System.Diagnostics;
using EnergyAspire.Monitoring.Hours;
using EnergyAspire.Monitoring.Readings;
using Npgsql;

namespace EnergyAspire.Benchmarks;

/// <summary>
/// Measures how fast the database commits the service's work when nothing else runs: the service's statements on two connections, with inputs
/// prepared in advance.
/// </summary>
internal static class DatabaseCeiling
{
    private const int Connections = 2;
    private const int BatchSize = 2000;

    /// <returns>Readings a second.</returns>
    public static async Task<double> MeasureAsync(ProductDatabase database, Fleet fleet, long first, long end, CancellationToken cancel)
    {
        var batches = new List<Batch>();
        for (var start = first; start < end; start += BatchSize)
            batches.Add(new Batch(fleet, start, Math.Min(BatchSize, end - start)));
        await database.EnsurePartitionsAsync(batches.SelectMany(batch => batch.Timestamps), cancel);

        var (next, started) = (-1, Stopwatch.GetTimestamp());
        await Task.WhenAll(Enumerable.Range(1, Connections).Select(writer => Task.Run(() => StoreAsync(-writer - 1), cancel)));

        return (end - first) / Stopwatch.GetElapsedTime(started).TotalSeconds;

        async Task StoreAsync(int writer)
        {
            await using var connection = await database.Source.OpenConnectionAsync(cancel);
            while (Interlocked.Increment(ref next) is var index && index < batches.Count)
                await batches[index].StoreAsync(connection, writer, cancel);
        }
    }

    private sealed class Batch
    {
        private readonly int[] _positions;
        private readonly Guid[] _devices;
        private readonly long[] _energies;
        private readonly DateTimeOffset[] _hours;

        public Batch(Fleet fleet, long first, long count)
        {
            var readings = Enumerable.Range(0, (int)count).Select(offset => fleet.Reading(first + offset)).ToArray();
            _positions = [.. Enumerable.Range(0, readings.Length)];
            _devices = Array.ConvertAll(readings, reading => reading.DeviceId);
            Timestamps = Array.ConvertAll(readings, reading => reading.Timestamp);
            _energies = Array.ConvertAll(readings, reading => reading.Energy);
            _limits = Array.ConvertAll(readings, _ => long.MaxValue / 1_000_000);
            _running = new int[readings.Length];
            _spreads = new int[readings.Length];
            _hours = [.. readings.Select((reading, offset) => SiteClock.HourStart(
                reading.Timestamp, TimeZoneInfo.FindSystemTimeZoneById(Fleet.ZoneOf((int)((first + offset) % fleet.Devices.Count)))))];
        }

        public DateTimeOffset[] Timestamps { get; }

        private static readonly long[] None = [0];

        private readonly long[] _limits;
        private readonly int[] _running;
        private readonly int[] _spreads;

        public async Task StoreAsync(NpgsqlConnection connection, int writer, CancellationToken cancel)
        {
            await using var transaction = await connection.BeginTransactionAsync(cancel);
            await using var insert = new NpgsqlCommand(ReadingStore.InsertNewReadingsAndAddThemToTheirHours, connection)
            {
                Parameters =
                {
                    new() { Value = _positions }, new() { Value = _devices }, new() { Value = Timestamps }, new() { Value = _energies }, new() { Value = _spreads },
                    // Every reading ends in the hour that it starts in, so none is spread.
                    new() { Value = _hours }, new() { Value = _limits }, new() { Value = _running },
                    new() { Value = Array.Empty<int>() }, new() { Value = Array.Empty<DateTimeOffset>() }, new() { Value = Array.Empty<long>() },
                    new() { Value = Array.Empty<int>() }, new() { Value = Array.Empty<long>() }, new() { Value = Array.Empty<int>() },
                },
            };
            var stored = ((int[])(await insert.ExecuteScalarAsync(cancel))!).Length;
            await using var ledger = new NpgsqlCommand(ReadingStore.AddToLedger, connection)
            {
                Parameters =
                {
                    new() { Value = writer }, new() { Value = new[] { SiteClock.HourStart(DateTimeOffset.UtcNow, TimeZoneInfo.Utc) } },
                    new() { Value = new[] { (long)_positions.Length } }, new() { Value = new[] { (long)stored } },
                    new() { Value = new[] { (long)(_positions.Length - stored) } }, new() { Value = None },
                },
            };
            await ledger.ExecuteNonQueryAsync(cancel);
            await transaction.CommitAsync(cancel);
        }
    }
}
