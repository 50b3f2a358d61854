using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Tests.Quarantine;

/// <summary>Gets readings into quarantine.</summary>
public static class Quarantining
{
    /// <summary>Publishes readings of a device that can't be accepted, and waits until they are in quarantine.</summary>
    public static async Task QuarantineAsync(this MonitoringFixture monitoring, Guid device, params string[] messages)
    {
        var before = await CountAsync();
        await monitoring.PublishAsync(messages);
        await Eventually.TrueAsync(async () => await CountAsync() == before + messages.Length, "the readings are in quarantine");

        Task<int> CountAsync() => monitoring.QueryAsync(db => db.Quarantine.CountAsync(reading => reading.DeviceId == device));
    }

    /// <summary>Has readings of a device discarded before it appears, so that they don't come back by themselves; ids in the order given.</summary>
    public static async Task<(Guid Device, Guid[] Ids)> DiscardedAsync(this MonitoringFixture monitoring, params (DateTimeOffset Time, decimal KilowattHours)[] readings)
    {
        var device = Guid.NewGuid();
        var ids = new List<Guid>();
        foreach (var (time, energy) in readings)
        {
            await monitoring.QuarantineAsync(device, MonitoringFixture.Reading(device, time, energy));
            ids.Add(await monitoring.QueryAsync(db => db.Quarantine
                .Where(reading => reading.DeviceId == device && !ids.Contains(reading.Id)).Select(reading => reading.Id).SingleAsync()));
        }

        await Ledger.AdminCalls.DoAsync(monitoring, "quarantine/discard", new { device_id = device });
        await monitoring.AnnounceAsync(MonitoringFixture.Device(device), version: 1);
        await Eventually.TrueAsync(() => monitoring.QueryAsync(db => db.Devices.AnyAsync(known => known.Id == device)), "the device is known");

        return (device, [.. ids]);
    }
}
