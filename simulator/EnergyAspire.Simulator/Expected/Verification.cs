using System.Collections.Concurrent;
using EnergyAspire.Simulator.Gateway;

namespace EnergyAspire.Simulator.Expected;

/// <summary>An hour whose total in the API differs from the expected one.</summary>
/// <param name="DeviceId">Device.</param>
/// <param name="Start">When the hour starts, in UTC.</param>
/// <param name="Expected">Expected total.</param>
/// <param name="Actual">Total in the API.</param>
public sealed record Difference(Guid DeviceId, DateTimeOffset Start, HourTotal Expected, HourTotal Actual)
{
    /// <inheritdoc />
    public override string ToString() =>
        $"{DeviceId} {Start:yyyy-MM-ddTHH:mm:ssZ}: expected {Expected.Consumption} kWh of {Expected.Readings} readings, the API has {Actual.Consumption} kWh of {Actual.Readings}";
}

/// <summary>Compares the expected totals with the API.</summary>
public static class Verification
{
    private const int AtOnce = 8;
    // The API limits the range of one request.
    private const int DaysAtOnce = 31;

    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Compares every hour, as an account that may see the devices. Devices that differ are compared again until all agree or the time is over.
    /// </summary>
    /// <param name="expectation">Expected totals.</param>
    /// <param name="within">How long to wait for readings that are not stored yet.</param>
    /// <returns>Hours that differ, by device and time.</returns>
    public static async Task<IReadOnlyList<Difference>> VerifyAsync(
        GatewayClient gateway, Expectation expectation, TimeSpan within, CancellationToken cancel)
    {
        var deadline = TimeProvider.System.GetUtcNow() + within;
        var devices = expectation.Devices;
        while (true)
        {
            var differing = new ConcurrentDictionary<ExpectedDevice, List<Difference>>();
            await Parallel.ForEachAsync(devices, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel }, async (device, stop) =>
            {
                var differences = Compare(device, await HoursAsync(gateway, device, stop), isWhole: expectation.Summary is not null);
                if (differences.Count > 0)
                    differing[device] = differences;
            });

            if (differing.IsEmpty || TimeProvider.System.GetUtcNow() >= deadline)
                return [.. differing.Values.SelectMany(differences => differences).OrderBy(difference => difference.DeviceId).ThenBy(difference => difference.Start)];

            devices = differing.Keys.ToList();
            await Task.Delay(LookInterval, cancel);
        }
    }

    /// <summary>Compares a device's hours.</summary>
    /// <param name="expected">Expected totals.</param>
    /// <param name="actual">Total in the API.</param>
    /// <param name="isWhole">Whether hours between the first and the last expected one that are not expected are differences.</param>
    public static List<Difference> Compare(ExpectedDevice expected, IReadOnlyDictionary<DateTimeOffset, HourTotal> actual, bool isWhole)
    {
        var (first, last) = (expected.Hours.Keys.First(), expected.Hours.Keys.Last());
        var starts = isWhole ? expected.Hours.Keys.Union(actual.Keys.Where(start => start >= first && start <= last)) : expected.Hours.Keys;

        return
        [
            .. starts
                .Select(start => new Difference(expected.DeviceId, start, expected.Hours.GetValueOrDefault(start), actual.GetValueOrDefault(start)))
                .Where(hour => hour.Expected != hour.Actual)
                .OrderBy(hour => hour.Start),
        ];
    }

    private static async Task<Dictionary<DateTimeOffset, HourTotal>> HoursAsync(GatewayClient gateway, ExpectedDevice device, CancellationToken cancel)
    {
        var hours = new Dictionary<DateTimeOffset, HourTotal>();
        var last = DateAt(device.Hours.Keys.Last(), device.TimeZone);
        for (var first = DateAt(device.Hours.Keys.First(), device.TimeZone); first <= last; first = first.AddDays(DaysAtOnce))
        {
            var end = first.AddDays(DaysAtOnce - 1) < last ? first.AddDays(DaysAtOnce - 1) : last;
            var range = await gateway.GetAsync<Range>(
                $"/api/monitoring/hourly/range?device_id={device.DeviceId}&start_date={first:yyyy-MM-dd}&end_date={end:yyyy-MM-dd}&granularity=hour", cancel);
            foreach (var hour in range.Data)
                hours[hour.Start.ToUniversalTime()] = new HourTotal(hour.TotalConsumption, hour.MeasurementCount);
        }

        return hours;
    }

    private static DateOnly DateAt(DateTimeOffset instant, TimeZoneInfo zone) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, zone).DateTime);

    private sealed record Range(IReadOnlyList<Hour> Data);

    private sealed record Hour(DateTimeOffset Start, decimal TotalConsumption, int MeasurementCount);
}
