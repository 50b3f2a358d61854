using System.Diagnostics;
using EnergyAspire.Monitoring.Readings;
using EnergyAspire.Testing;

namespace EnergyAspire.Benchmarks;

/// <summary>Runs the selected measurements one after another on the same servers.</summary>
internal sealed class Benchmark(BenchmarkOptions options, Report report, BenchmarkServers servers, ProductDatabase database, TokenIssuer issuer, Fleet fleet)
{
    private const int FillBatch = 2000;

    private readonly Publisher _publisher = new(servers.Broker, fleet);

    // Numbers of the readings in the tables: from _first (inclusive) to _next (exclusive).
    private long _first;
    private long _next;
    private bool _hasHistory;

    public static async Task RunAsync(BenchmarkOptions options, Report report, CancellationToken cancel)
    {
        report.Note("starting servers");
        await using var servers = await BenchmarkServers.StartAsync(cancel);
        using var database = new ProductDatabase(servers);
        using var issuer = new TokenIssuer();
        var fleet = new Fleet(options.Devices, options.Rows, DateTimeOffset.UtcNow);
        await database.MigrateAsync(cancel);
        await database.AddDevicesAsync(fleet, cancel);

        await new Benchmark(options, report, servers, database, issuer, fleet).MeasureAsync(cancel);
    }

    private async Task MeasureAsync(CancellationToken cancel)
    {
        // Figures that are compared are measured alternately, so that a temporary load on the machine affects all of them.
        for (var run = 0; run < options.Runs; run++)
        {
            if (options.Parts.Contains(Part.Database))
                await MeasureDatabaseAsync(FigureNames.DatabaseCeiling, isEmpty: true, cancel);
            if (options.Parts.Contains(Part.Broker))
                await MeasureBrokerAsync(cancel);
            if (options.Parts.Contains(Part.EndToEnd))
                await MeasureEndToEndAsync(FigureNames.EndToEnd, isEmpty: true, cancel);
            if (options.Parts.Contains(Part.Registers))
                await MeasureRegistersAsync(cancel);
        }

        if (options.Parts.Contains(Part.Live))
            await MeasureLiveAsync(cancel);

        if (options.Parts.Overlaps([Part.Large, Part.Queries, Part.Dashboards, Part.Backup]))
            await FillAsync(cancel);
        if (options.Parts.Contains(Part.Large))
        {
            for (var run = 0; run < options.Runs; run++)
            {
                await MeasureDatabaseAsync(FigureNames.DatabaseCeilingLarge, isEmpty: false, cancel);
                await MeasureEndToEndAsync(FigureNames.EndToEndLarge, isEmpty: false, cancel);
            }
        }

        if (options.Parts.Overlaps([Part.Queries, Part.Dashboards]))
        {
            await database.MaintainAsync(cancel);
            await database.SettleAsync(cancel);
            await using var service = await ServiceProcess.StartAsync(servers.Database, servers.Broker, issuer);
            if (options.Parts.Contains(Part.Queries))
                await QueryTimes.MeasureAsync(service, fleet, report, cancel);
            if (options.Parts.Contains(Part.Dashboards))
                await DashboardTimes.MeasureAsync(service, database, fleet, options.LiveTime, report, cancel);
            report.Add(FigureNames.Memory, service.PeakMemory, "MB");
        }

        if (options.Parts.Contains(Part.Backup))
            await BackupTimes.MeasureAsync(servers, database, report, cancel);

        await CheckTotalsAsync("at the end", cancel);
    }

    private async Task MeasureDatabaseAsync(string name, bool isEmpty, CancellationToken cancel)
    {
        await PrepareAsync(isEmpty, cancel);
        report.Add(name, await DatabaseCeiling.MeasureAsync(database, fleet, _next, _next + options.Readings, cancel));
        _next += options.Readings;
        await CheckTotalsAsync(name, cancel, unless: !isEmpty);
    }

    private async Task MeasureBrokerAsync(CancellationToken cancel)
    {
        await _publisher.PublishAsync(_next, _next + options.Readings, stop: cancel);
        report.Add(FigureNames.BrokerCeiling, await BrokerCeiling.MeasureAsync(servers.Broker, options.Readings, cancel), "/s");
    }

    private async Task MeasureEndToEndAsync(string name, bool isEmpty, CancellationToken cancel)
    {
        await PrepareAsync(isEmpty, cancel);
        var before = await database.ReceivedAsync(cancel);
        _next = await _publisher.PublishAsync(_next, _next + options.Readings, stop: cancel);
        await database.SettleAsync(cancel);

        await using (var service = await ServiceProcess.StartAsync(servers.Database, servers.Broker, issuer))
        {
            var used = service.ProcessorTime;
            report.Add(name, await DrainAsync(before, before + options.Readings, cancel));
            report.Add(FigureNames.ProcessorTime, (service.ProcessorTime - used).TotalMicroseconds / options.Readings, "µs");
            report.Add(FigureNames.Memory, service.PeakMemory, "MB");
        }

        await CheckTotalsAsync(name, cancel, unless: !isEmpty);
    }

    /// <summary>Stores the same readings as energies of intervals and as registers, which must give the same hours.</summary>
    private async Task MeasureRegistersAsync(CancellationToken cancel)
    {
        var (start, count) = (_next, options.Readings);
        await PrepareAsync(isEmpty: true, cancel);
        report.Add(FigureNames.Intervals, await TimedAsync(number => new ParsedReading(fleet.Reading(start + number), null, null)));
        _next += count;
        await CheckTotalsAsync(FigureNames.Intervals, cancel);
        var energies = await HoursAsync();

        await PrepareAsync(isEmpty: true, cancel);
        await database.ScalarAsync<int>("with changed as (update device_replicas set register_digits = 12) select 1", cancel);
        var registers = new Dictionary<Guid, long>();
        var readings = Enumerable.Range(0, count).Select(number =>
        {
            var reading = fleet.Reading(start + number);
            var register = registers.GetValueOrDefault(reading.DeviceId);
            registers[reading.DeviceId] = register + reading.Energy;
            return new ParsedReading(reading with { Energy = 0 }, null, null, new ParsedRegister(register, IsAlone: true));
        }).ToList();
        report.Add(FigureNames.Registers, await TimedAsync(number => readings[(int)number]));
        await database.ScalarAsync<int>("with changed as (update device_replicas set register_digits = null) select 1", cancel);

        // The energy after the last reading of each meter isn't known.
        var last = Enumerable.Range(Math.Max(0, count - fleet.Devices.Count), Math.Min(count, fleet.Devices.Count)).Sum(number => fleet.Reading(start + number).Energy);
        report.AddTotals(FigureNames.Registers, await HoursAsync() is var sum && sum == energies - last ? null : $"{sum} mWh instead of {energies - last}");
        await database.EmptyAsync(cancel);

        async Task<double> TimedAsync(Func<long, ParsedReading> reading)
        {
            var started = Stopwatch.GetTimestamp();
            await StoreAsync(reading, count, cancel);
            return count / Stopwatch.GetElapsedTime(started).TotalSeconds;
        }

        Task<long> HoursAsync() => database.ScalarAsync<long>("select coalesce(sum(energy), 0)::bigint from hourly_consumption", cancel);
    }

    private async Task MeasureLiveAsync(CancellationToken cancel)
    {
        await PrepareAsync(isEmpty: true, cancel);
        await using (var service = await ServiceProcess.StartAsync(servers.Database, servers.Broker, issuer))
        {
            await LiveAsync(FigureNames.Live, perMessage: 1, cancel);
            await LiveAsync(FigureNames.LiveTen, perMessage: 10, cancel);

            var before = await database.ReceivedAsync(cancel);
            var (first, half) = (_next, report.Median(FigureNames.Live)!.Value / 2);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            var background = _publisher.PublishAsync(_next, fleet.End, perSecond: half, stop: stop.Token);
            var times = await VisibleTimes.MeasureAsync(service, servers.Broker, fleet, options.LiveTime, cancel);
            await stop.CancelAsync();
            _next = await background;
            report.Add($"visible, p50 at {half:N0} readings/s", QueryTimes.Percentile(times, 50), "ms");
            report.Add(FigureNames.VisibleP99, QueryTimes.Percentile(times, 99), "ms");
            await WaitForAsync(before + _next - first + times.Count, cancel);
            report.Add(FigureNames.Memory, service.PeakMemory, "MB");
        }

        await CheckTotalsAsync("live", cancel);
    }

    private async Task LiveAsync(string name, int perMessage, CancellationToken cancel)
    {
        var before = await database.ReceivedAsync(cancel);
        var (first, started) = (_next, Stopwatch.GetTimestamp());
        using var stop = new CancellationTokenSource(options.LiveTime);
        _next = await _publisher.PublishAsync(_next, fleet.End, perMessage, stop: stop.Token);
        // Waits until the last reading is stored, so that a growing queue doesn't improve the figure.
        await WaitForAsync(before + _next - first, cancel);
        report.Add(name, (_next - first) / Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    private async Task FillAsync(CancellationToken cancel)
    {
        report.Note($"filling the tables with {options.Rows:N0} readings");
        await PrepareAsync(isEmpty: true, cancel);
        var started = Stopwatch.GetTimestamp();
        await StoreAsync(number => new ParsedReading(fleet.HistoryReading(number), null, null), fleet.HistoryReadings, cancel);
        _hasHistory = true;
        var rows = Math.Max(0, options.Rows - fleet.HistoryReadings);
        var first = _next;
        await StoreAsync(number => new ParsedReading(fleet.Reading(first + number), null, null), rows, cancel);
        _next += rows;
        report.Note($"filled at {(rows + fleet.HistoryReadings) / Stopwatch.GetElapsedTime(started).TotalSeconds:N0} readings/s");
        await database.SettleAsync(cancel);
    }

    /// <summary>Stores readings with the service's code on two connections, in the order of time.</summary>
    private async Task StoreAsync(Func<long, ParsedReading> reading, long count, CancellationToken cancel)
    {
        var next = 0L;
        await Task.WhenAll(Enumerable.Range(1, 2).Select(writer => Task.Run(async () =>
        {
            while (Interlocked.Add(ref next, FillBatch) - FillBatch is var first && first < count)
            {
                var now = DateTimeOffset.UtcNow;
                var batch = Enumerable.Range(0, (int)Math.Min(FillBatch, count - first))
                    .Select(offset => new ArrivedReading([], now, reading(first + offset))).ToList();
                await database.Ingest.StoreAsync(batch, -writer - 1, cancel);
            }
        }, cancel)));
    }

    private async Task PrepareAsync(bool isEmpty, CancellationToken cancel)
    {
        if (!isEmpty)
            return;

        await database.EmptyAsync(cancel);
        (_first, _hasHistory) = (_next, false);
    }

    /// <returns>Readings a second from the first commit to the last.</returns>
    private async Task<double> DrainAsync(long before, long target, CancellationToken cancel)
    {
        var (started, received) = (Stopwatch.GetTimestamp(), await database.ReceivedAsync(cancel));
        // Few readings may be drained before the first look.
        if (received >= target)
            received = before;

        while (received == before && await database.ReceivedAsync(cancel) is var now && now < target)
        {
            (started, received) = (Stopwatch.GetTimestamp(), now);
            await Task.Delay(10, cancel);
        }

        await WaitForAsync(target, cancel);
        return (target - received) / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private async Task WaitForAsync(long target, CancellationToken cancel)
    {
        var (last, since) = (0L, Stopwatch.GetTimestamp());
        while (await database.ReceivedAsync(cancel) is var received && received < target)
        {
            if (received > last)
                (last, since) = (received, Stopwatch.GetTimestamp());
            else if (Stopwatch.GetElapsedTime(since) > TimeSpan.FromMinutes(1))
                throw new TimeoutException($"The service stopped at {received} of {target} readings.");
            await Task.Delay(50, cancel);
        }
    }

    private async Task CheckTotalsAsync(string of, CancellationToken cancel, bool unless = false)
    {
        if (!unless)
            report.AddTotals(of, await Totals.DifferenceAsync(database, fleet, _first, _next, _hasHistory, cancel));
    }
}
