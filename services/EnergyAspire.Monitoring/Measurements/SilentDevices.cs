using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Readings;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Measurements;

/// <summary>A silent device: one without recent readings.</summary>
/// <param name="Id">Device id.</param>
/// <param name="Name">Display name.</param>
/// <param name="TimeZone">IANA zone of the site.</param>
/// <param name="ReportingIntervalSeconds">Seconds between two readings.</param>
/// <param name="LastReading">
/// Start of the interval of its newest reading; of a register, of the last interval whose end is known. When that is more than two days old, start of the reading's hour. Null without any reading.
/// </param>
/// <example>{"id":"00000000-0000-7000-8000-0000000000d1","name":"Heat pump","time_zone":"Europe/Berlin","reporting_interval_seconds":600,"last_reading":"2026-11-26T08:10:00Z"}</example>
public sealed record SilentDevice(Guid Id, string Name, string TimeZone, int ReportingIntervalSeconds, DateTimeOffset? LastReading);

/// <summary>Silent devices.</summary>
/// <param name="Count">Number of silent devices.</param>
/// <param name="Devices">At most 100 of them, sorted by their last reading, newest first. Devices without any reading come last.</param>
public sealed record SilentDevicesResponse(int Count, IReadOnlyList<SilentDevice> Devices);

/// <summary>Endpoint that lists devices that don't report.</summary>
public static class SilentDevices
{
    private const int MostShown = 100;

    // A reading is sent at the end of its interval, so after four intervals from the last timestamp three readings are missing.
    private const int MissedIntervals = 4;

    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(2);

    /// <summary>Maps <c>/api/monitoring/silent-devices</c>.</summary>
    public static void MapSilentDevices(this IEndpointRouteBuilder routes) => routes
        .MapGet("/api/monitoring/silent-devices", GetSilentDevices).WithTags("Measurements").RequireAuthorization(Policies.Admin);

    /// <summary>Lists devices that have never reported, or not for four of their reporting intervals and at least two minutes.</summary>
    /// <response code="200">The devices.</response>
    public static async Task<Ok<SilentDevicesResponse>> GetSilentDevices(MonitoringDbContext db, TimeProvider time, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var devices = await db.Devices.AsNoTracking().Where(device => !device.IsDeleted)
            .Select(device => new SilentDevice(device.Id, device.Name, device.TimeZone, device.ReportingIntervalSeconds, null))
            .ToListAsync(cancel);
        var latest = await LatestAsync(db, devices.ConvertAll(device => device.Id), now, cancel);
        var silent = devices
            .Select(device => latest.TryGetValue(device.Id, out var timestamp) ? device with { LastReading = timestamp } : device)
            .Where(device => IsSilent(device, now))
            .OrderByDescending(device => device.LastReading)
            .ThenBy(device => device.Name, StringComparer.Ordinal)
            .ToList();

        return TypedResults.Ok(new SilentDevicesResponse(silent.Count, [.. silent.Take(MostShown)]));
    }

    private static async Task<Dictionary<Guid, DateTimeOffset>> LatestAsync(
        MonitoringDbContext db, List<Guid> devices, DateTimeOffset now, CancellationToken cancel)
    {
        var latest = (await db.RecentReadingsAsync(devices, now, cancel)).ToDictionary(reading => reading.DeviceId, reading => reading.Timestamp);
        // The other devices are looked up in the hours, which have one partition a month. Readings have one a day.
        var others = devices.Where(device => !latest.ContainsKey(device)).ToArray();
        var hours = await db.Database.SqlQuery<LastHour>($"""
            select id as device_id, hour_start
            from unnest({others}) as device (id)
            cross join lateral (select max(hour_start) as hour_start from hourly_consumption where device_id = device.id and reading_count > 0) as last
            where hour_start is not null
            """).ToListAsync(cancel);
        foreach (var (device, start) in hours)
            latest.Add(device, start);

        return latest;
    }

    private sealed record LastHour(Guid DeviceId, DateTimeOffset HourStart);

    private static bool IsSilent(SilentDevice device, DateTimeOffset now)
    {
        var patience = TimeSpan.FromSeconds(device.ReportingIntervalSeconds) * MissedIntervals;
        return device.LastReading is not { } last || now - last > (patience > Shortest ? patience : Shortest);
    }
}
