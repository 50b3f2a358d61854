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
    /// <summary>Most devices in one call; their ids fit into an address.</summary>
    public const int Most = 100;

    /// <summary>The answer when one of them isn't the caller's; with its body, because callers that accept CSV alone get an error too.</summary>
    public static ProblemHttpResult Absent => TypedResults.Problem(statusCode: StatusCodes.Status404NotFound);

    /// <summary>Reads the ids; false with the answer to give when they are missing or malformed.</summary>
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

    /// <summary>Finds the devices in the order asked for; null when the caller may not see one of them, for then it looks absent.</summary>
    public static async Task<List<DeviceReplica>?> FindVisibleAsync(
        this MonitoringDbContext db, Guid[] ids, CurrentUser caller, CancellationToken cancel)
    {
        var found = await db.Devices.AsNoTracking()
            .VisibleTo(caller, db)
            .Where(device => ids.Contains(device.Id))
            .ToDictionaryAsync(device => device.Id, cancel);

        return found.Count == ids.Length ? [.. ids.Select(id => found[id])] : null;
    }
}
