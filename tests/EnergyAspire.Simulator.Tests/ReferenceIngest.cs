using System.Text.Json;
using EnergyAspire.Monitoring.Hours;
using EnergyAspire.Testing;

namespace EnergyAspire.Simulator.Tests;

/// <summary>
/// The rules of acceptance in their simplest form: takes message bodies in any order and knows nothing of who made them.
/// </summary>
internal sealed class ReferenceIngest(IReadOnlyDictionary<Guid, TimeZoneInfo> devices, TimeSpan interval, DateTimeOffset now)
{
    private readonly Dictionary<(Guid, DateTimeOffset), decimal> _stored = [];

    public Dictionary<string, long> Quarantined { get; } = [];

    public long Received { get; private set; }

    public long Duplicates { get; private set; }

    public long Stored => _stored.Count;

    public Dictionary<(Guid Device, DateTimeOffset Hour), (decimal Consumption, int Readings)> Hours => _stored
        .GroupBy(reading => reading.Key.Item1)
        .SelectMany(device => ReferenceHours.Of(
                device.Select(reading => new Sent(reading.Key.Item2, (long)(reading.Value * 1_000_000), (int)interval.TotalSeconds)),
                time => SiteClock.HourStart(time, devices[device.Key]))
            .Select(hour => (Key: (device.Key, hour.Key), hour.Value)))
        .ToDictionary(hour => hour.Key, hour => (hour.Value.Energy / 1_000_000m, hour.Value.ReadingCount));

    public void Take(ReadOnlyMemory<byte> body)
    {
        JsonDocument message;
        try
        {
            message = JsonDocument.Parse(body);
        }
        catch (JsonException)
        {
            Received++;
            Quarantine("malformed");
            return;
        }

        using (message)
        {
            foreach (var reading in message.RootElement.ValueKind == JsonValueKind.Array ? [.. message.RootElement.EnumerateArray()] : new[] { message.RootElement })
            {
                Received++;
                Take(reading);
            }
        }
    }

    private void Take(JsonElement reading)
    {
        if (reading.ValueKind != JsonValueKind.Object
            || !reading.GetProperty("device_id").TryGetGuid(out var device)
            || reading.GetProperty("timestamp").GetString() is not { } time || !time.EndsWith('Z')
            || reading.GetProperty("measurement_value").ValueKind != JsonValueKind.Number)
        {
            Quarantine("malformed");
            return;
        }

        var (timestamp, value) = (DateTimeOffset.Parse(time), reading.GetProperty("measurement_value").GetDecimal());
        if (value < 0)
            Quarantine("negative");
        else if (timestamp > now.AddMinutes(5))
            Quarantine("future");
        else if (!devices.ContainsKey(device))
            Quarantine("unknown_device");
        else if (_stored.TryAdd((device, timestamp), value))
            return;
        else if (_stored[(device, timestamp)] == value)
            Duplicates++;
        else
            Quarantine("conflicting_duplicate");
    }

    private void Quarantine(string reason) => Quarantined[reason] = Quarantined.GetValueOrDefault(reason) + 1;
}
