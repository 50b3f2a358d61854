using System.Collections.Concurrent;
using EnergyAspire.Simulator.Gateway;

namespace EnergyAspire.Simulator.Expected;

/// <summary>An hour of which the API shows something else.</summary>
/// <param name="DeviceId">Device.</param>
/// <param name="Start">When the hour starts, in UTC.</param>
/// <param name="Expected">What must be there.</param>
/// <param name="Actual">What the API shows.</param>
public sealed record Difference(Guid DeviceId, DateTimeOffset Start, HourTotal Expected, HourTotal Actual)
{
    /// <inheritdoc />
    public override string ToString() =>
        $"{DeviceId} {Start:yyyy-MM-ddTHH:mm:ssZ}: expected {Expected.Consumption} kWh of {Expected.Readings} readings, the API has {Actual.Consumption} kWh of {Actual.Readings}";
}

/// <summary>Compares what must be with what the API shows.</summary>
public static class Verification
{
    private const int AtOnce = 8;
    // The API limits how much one answer holds.
    private const int DaysAtOnce = 31;

    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    /// <summary>Compares every hour, and again those devices that differ, until all agree or time is up.</summary>
    /// <param name="gateway">Gateway, signed in as who may see the devices.</param>
    /// <param name="expectation">What must be.</param>
    /// <param name="within">How long readings may still be on their way.</param>
    /// <param name="cancel">Stops.</param>
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
    /// <param name="expected">What must be.</param>
    /// <param name="actual">What the API shows.</param>
    /// <param name="isWhole">Whether between the first and the last expected hour there must be no other.</param>
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
