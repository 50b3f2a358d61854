using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Live;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Measurements;

/// <summary>A device that doesn't report as it should.</summary>
/// <param name="Id">Device id.</param>
/// <param name="Name">Name for people.</param>
/// <param name="TimeZone">IANA zone of the site.</param>
/// <param name="ReportingIntervalSeconds">Seconds between two readings.</param>
/// <param name="LastReading">Start of the interval of its newest reading; null when there has never been one.</param>
/// <example>{"id":"00000000-0000-7000-8000-0000000000d1","name":"Heat pump","time_zone":"Europe/Berlin","reporting_interval_seconds":600,"last_reading":"2026-11-26T08:10:00Z"}</example>
public sealed record SilentDevice(Guid Id, string Name, string TimeZone, int ReportingIntervalSeconds, DateTimeOffset? LastReading);

/// <summary>Devices that don't report as they should.</summary>
/// <param name="Count">How many there are.</param>
/// <param name="Devices">Those that were heard of last, at most 100, then those that never were.</param>
public sealed record SilentDevicesResponse(int Count, IReadOnlyList<SilentDevice> Devices);

/// <summary>Which devices are silent.</summary>
public static class SilentDevices
{
    private const int MostShown = 100;

    // The interval that a reading names by its start has to end first; then two more may go astray.
    private const int MissedIntervals = 4;

    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(2);

    /// <summary>Maps <c>/api/monitoring/silent-devices</c>.</summary>
    public static void MapSilentDevices(this IEndpointRouteBuilder routes) => routes
        .MapGet("/api/monitoring/silent-devices", GetSilentDevices).WithTags("Measurements").RequireAuthorization(Policies.Admin);

    /// <summary>Lists devices that have not reported for four of their intervals, and two minutes at least, or never.</summary>
    /// <param name="db">Database.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancel">Set when the caller goes away.</param>
    /// <response code="200">The devices.</response>
    public static async Task<Ok<SilentDevicesResponse>> GetSilentDevices(MonitoringDbContext db, TimeProvider time, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var devices = await db.Devices.AsNoTracking().Where(device => !device.IsDeleted)
            .Select(device => new SilentDevice(device.Id, device.Name, device.TimeZone, device.ReportingIntervalSeconds, null))
            .ToListAsync(cancel);
        var latest = (await db.StatesAsync(devices.ConvertAll(device => device.Id), now, cancel))
            .ToDictionary(state => state.DeviceId, state => state.Timestamp);
        var silent = devices
            .Select(device => latest.TryGetValue(device.Id, out var timestamp) ? device with { LastReading = timestamp } : device)
            .Where(device => IsSilent(device, now))
            .OrderByDescending(device => device.LastReading)
            .ThenBy(device => device.Name, StringComparer.Ordinal)
            .ToList();

        return TypedResults.Ok(new SilentDevicesResponse(silent.Count, [.. silent.Take(MostShown)]));
    }

    private static bool IsSilent(SilentDevice device, DateTimeOffset now)
    {
        var patience = TimeSpan.FromSeconds(device.ReportingIntervalSeconds) * MissedIntervals;
        return device.LastReading is not { } last || now - last > (patience > Shortest ? patience : Shortest);
    }
}
