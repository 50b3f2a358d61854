using System.Globalization;
using EnergyAspire.Contracts;

namespace EnergyAspire.Monitoring.Readings;

/// <summary>Finds the device that a reading belongs to, by its meter and its time.</summary>
internal sealed class MeterOwners
{
    private readonly List<(Guid Id, IReadOnlyList<DeviceMeter> Meters)> _devices = [];
    private readonly Dictionary<Guid, List<(MeterUse Use, Guid DeviceId)>> _uses = [];

    /// <summary>Adds a device that exists.</summary>
    /// <param name="device">Device id.</param>
    /// <param name="meters">Its meters; empty when the only one has the device's id.</param>
    public void Add(Guid device, IReadOnlyList<DeviceMeter> meters) => _devices.Add((device, meters));

    /// <summary>
    /// Returns a batch with the ids of devices in place of those of their meters. A reading of a meter that was not in use at its time is marked for
    /// quarantine.
    /// </summary>
    /// <param name="batch">Readings.</param>
    /// <param name="namesDevices">Whether an id that is no meter's at the time of the reading may be the device's, whichever meter it had then.</param>
    public IReadOnlyList<ArrivedReading> Resolve(IReadOnlyList<ArrivedReading> batch, bool namesDevices)
    {
        if (_devices.TrueForAll(device => device.Meters is []))
            return batch;

        foreach (var (id, meters) in _devices)
        {
            UsesOf(id);
            foreach (var use in MeterUses.Of(meters, id))
                UsesOf(use.MeterId).Add((use, id));
        }

        return [.. batch.Select(arrived => arrived with { Parsed = Resolve(arrived.Parsed, namesDevices) })];
    }

    private ParsedReading Resolve(ParsedReading parsed, bool namesDevices)
    {
        if (!_uses.TryGetValue(parsed.Reading.DeviceId, out var uses))
            return parsed;

        // Between two events about a meter that changes devices, both seem to have it. The later beginning is the newer information.
        var time = parsed.Reading.Timestamp;
        var current = uses.Where(held => held.Use.Contains(time)).OrderByDescending(held => held.Use.From ?? DateTimeOffset.MinValue).ThenBy(held => held.DeviceId).ToList();
        if (current is [var (_, device), ..])
            return parsed with { Reading = parsed.Reading with { DeviceId = device } };

        if (namesDevices && _devices.Exists(device => device.Id == parsed.Reading.DeviceId))
            return parsed;

        return parsed.Reason is null ? parsed with { Reason = QuarantineReason.MeterNotInUse, Detail = Words(uses, time) } : parsed;
    }

    /// <summary>Says when a meter was in use, nearest to a time at which it wasn't.</summary>
    private static string Words(List<(MeterUse Use, Guid DeviceId)> uses, DateTimeOffset time)
    {
        if (uses is [])
            return "The device has another meter.";

        var (use, device) = uses.Where(held => held.Use.Until <= time).OrderByDescending(held => held.Use.Until).Concat(uses.OrderBy(held => held.Use.From)).First();
        return use.Until <= time
            ? $"It was the meter of {device} until {Words(use.Until!.Value)}."
            : $"It is the meter of {device} since {Words(use.From!.Value)}.";
    }

    private static string Words(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private List<(MeterUse Use, Guid DeviceId)> UsesOf(Guid meter)
    {
        if (!_uses.TryGetValue(meter, out var uses))
            _uses.Add(meter, uses = []);

        return uses;
    }
}
