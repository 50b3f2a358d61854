using System.Text.Json;
using EnergyAspire.Simulator.Settings;

namespace EnergyAspire.Simulator.Gateway;

/// <summary>A registered device.</summary>
/// <param name="DeviceId">Id that the system assigned.</param>
/// <param name="TimeZone">IANA zone of its site.</param>
/// <param name="IntervalSeconds">Seconds between two readings.</param>
public sealed record RegisteredDevice(Guid DeviceId, string TimeZone, int IntervalSeconds);

/// <summary>File of registered devices, as lines of JSON.</summary>
public static class DevicesFile
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Reads a file.</summary>
    /// <exception cref="SettingsException">The file is missing, invalid or has no device.</exception>
    public static IReadOnlyList<RegisteredDevice> Read(string path)
    {
        try
        {
            var devices = File.ReadLines(path).Select(line => JsonSerializer.Deserialize<RegisteredDevice>(line, Json)!).ToList();
            return devices.Count > 0 ? devices : throw new SettingsException($"{path} has no device.");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new SettingsException($"The devices file can't be read: {failure.Message}", failure);
        }
    }

    /// <summary>Appends a device.</summary>
    public static Task AppendAsync(string path, RegisteredDevice device, CancellationToken cancel) =>
        File.AppendAllTextAsync(path, JsonSerializer.Serialize(device, Json) + "\n", cancel);
}
