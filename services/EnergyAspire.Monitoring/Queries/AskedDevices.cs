using System.Diagnostics.CodeAnalysis;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Replicas;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Queries;

/// <summary>The devices that a query asks for by <c>device_id</c>, once or repeated.</summary>
internal static class AskedDevices
{
    /// <summary>Most devices in one call, so that their ids fit into a URL.</summary>
    public const int Most = 100;

    /// <summary>
    /// The answer when the caller may not see one of the devices. It has an explicit body, because callers that accept only CSV get problem details
    /// too.
    /// </summary>
    public static ProblemHttpResult Absent => TypedResults.Problem(statusCode: StatusCodes.Status404NotFound);

    /// <summary>Reads the ids; returns false and the problem to answer with when they are missing or malformed.</summary>
    public static bool TryRead(string[] texts, bool isRequired, out Guid[] ids, [NotNullWhen(false)] out ValidationProblem? problem)
    {
        ids = [.. texts.Select(text => Guid.TryParse(text, out var id) ? id : (Guid?)null).OfType<Guid>().Distinct()];
        var message =
            texts.Length == 0 && isRequired ? "device_id is required."
            : Array.Exists(texts, text => !Guid.TryParse(text, out _)) ? "device_id must be a UUID."
            : ids.Length > Most ? $"device_id may be given {Most} times."
            : null;
        var parameters = new QueryParameters();
        if (message is not null)
            parameters.Refuse("device_id", message);
        problem = message is null ? null : parameters.Problem;

        return message is null;
    }

    /// <summary>Finds the devices in the requested order; null when one doesn't exist or the caller may not see it.</summary>
    public static async Task<List<VisibleDevice>?> FindVisibleAsync(
        this MonitoringDbContext db, Guid[] ids, CurrentUser caller, CancellationToken cancel)
    {
        var found = (await db.VisibleDevicesAsync(devices => devices.Where(device => ids.Contains(device.Id)), caller, cancel))
            .ToDictionary(visible => visible.Device.Id);

        return found.Count == ids.Length ? [.. ids.Select(id => found[id])] : null;
    }

    /// <summary>Reads the devices that the caller may see, with those that belonged to the caller once.</summary>
    /// <param name="narrow">Filters the devices.</param>
    public static async Task<List<VisibleDevice>> VisibleDevicesAsync(
        this MonitoringDbContext db, Func<IQueryable<DeviceReplica>, IQueryable<DeviceReplica>> narrow, CurrentUser caller, CancellationToken cancel)
    {
        var devices = narrow(db.Devices.AsNoTracking().VisibleTo(caller, db, withEnded: true));
        if (caller.IsAdmin)
            return (await devices.ToListAsync(cancel)).ConvertAll(device => new VisibleDevice(device, VisibleDevice.Always));

        var callerId = caller.Id;
        var rows = await devices
            .Join(db.Mappings.Where(mapping => mapping.UserId == callerId), device => device.Id, mapping => mapping.DeviceId,
                (device, mapping) => new { device, mapping.Periods })
            .ToListAsync(cancel);

        return rows.ConvertAll(row => new VisibleDevice(
            row.device, VisibleDevice.TimesOf(row.Periods, TimeZoneInfo.FindSystemTimeZoneById(row.device.TimeZone))));
    }
}
