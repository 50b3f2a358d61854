using System.Text.Json;
using EnergyAspire.Simulator.Settings;

namespace EnergyAspire.Simulator.Expected;

/// <summary>Expected hours of one device.</summary>
/// <param name="DeviceId">Device.</param>
/// <param name="TimeZone">Zone of its site.</param>
/// <param name="Hours">Its hours by their start in UTC.</param>
public sealed record ExpectedDevice(Guid DeviceId, TimeZoneInfo TimeZone, SortedDictionary<DateTimeOffset, HourTotal> Hours);

/// <summary>Total of an hour.</summary>
/// <param name="Consumption">kWh.</param>
/// <param name="Readings">Readings that start in it.</param>
public readonly record struct HourTotal(decimal Consumption, int Readings);

/// <summary>Contents of an expected file.</summary>
/// <param name="Devices">Devices that have readings.</param>
/// <param name="Summary">Counts; null when the run didn't finish.</param>
public sealed record Expectation(IReadOnlyCollection<ExpectedDevice> Devices, ExpectedSummary? Summary)
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="SettingsException">The file is missing, invalid or has no hour.</exception>
    public static Expectation Read(string path)
    {
        var devices = new Dictionary<Guid, ExpectedDevice>();
        ExpectedSummary? summary = null;
        var number = 0;
        try
        {
            foreach (var line in File.ReadLines(path))
            {
                number++;
                if (line.StartsWith("{\"summary\"", StringComparison.Ordinal))
                {
                    summary = JsonSerializer.Deserialize<ExpectedLine.SummaryLine>(line, ExpectedLine.Json)!.Summary;
                    continue;
                }

                var hour = JsonSerializer.Deserialize<ExpectedHour>(line, ExpectedLine.Json)!;
                if (!devices.TryGetValue(hour.DeviceId, out var device))
                    devices.Add(hour.DeviceId, device = new ExpectedDevice(hour.DeviceId, TimeZoneInfo.FindSystemTimeZoneById(hour.TimeZone), []));
                device.Hours.Add(hour.Start, new HourTotal(hour.TotalConsumption, hour.MeasurementCount));
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException or ArgumentException or TimeZoneNotFoundException)
        {
            throw new SettingsException($"The expected file can't be read, line {number}: {failure.Message}", failure);
        }

        return devices.Count > 0 ? new Expectation(devices.Values, summary) : throw new SettingsException($"{path} has no hour.");
    }
}
