using EnergyAspire.Api.Lists;
using EnergyAspire.Devices.Data;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Devices.Mappings;

/// <summary>Filters and pages of queries on mappings.</summary>
internal static class MappingQueries
{
    /// <summary>Mappings that a caller may see: an admin all, anyone else their own.</summary>
    public static IQueryable<Mapping> VisibleTo(this IQueryable<Mapping> mappings, CurrentUser caller)
    {
        var callerId = caller.Id;

        return mappings.Where(mapping => caller.IsAdmin || mapping.UserId == callerId);
    }

    /// <summary>Mappings of devices that are assigned now.</summary>
    public static IQueryable<Mapping> Assigned(this IQueryable<Mapping> mappings) => mappings.Where(mapping => mapping.IsAssigned);

    /// <summary>Mappings that have ended, to devices that still exist.</summary>
    public static IQueryable<Mapping> Ended(this DbSet<Mapping> mappings, DeviceDbContext db) => mappings
        .FromSql($"select * from mappings where not is_assigned and not isempty(periods) and not upper_inf(periods)")
        .Where(mapping => db.Devices.Any(device => device.Id == mapping.DeviceId));

    /// <summary>Mappings of a user, of a device, or between the two.</summary>
    public static IQueryable<Mapping> Between(this IQueryable<Mapping> mappings, Guid? userId, Guid? deviceId)
    {
        if (userId is not null)
            mappings = mappings.Where(mapping => mapping.UserId == userId);
        if (deviceId is not null)
            mappings = mappings.Where(mapping => mapping.DeviceId == deviceId);

        return mappings;
    }

    /// <summary>Mappings of other users to devices that are also assigned to this user; all mappings without a user.</summary>
    public static IQueryable<Mapping> SharedWith(this IQueryable<Mapping> mappings, Guid? userId, DeviceDbContext db) =>
        userId is null
            ? mappings
            : mappings.Where(mapping => mapping.UserId != userId
                && db.Mappings.Any(own => own.UserId == userId && own.DeviceId == mapping.DeviceId && own.IsAssigned));

    /// <summary>Mappings whose username or device name contains a term; all mappings without a term.</summary>
    public static IQueryable<Mapping> Matching(this IQueryable<Mapping> mappings, string? search, DeviceDbContext db) =>
        SearchPattern.Containing(search) is not { } pattern
            ? mappings
            : mappings.Where(mapping =>
                db.Users.Any(user => user.Id == mapping.UserId && EF.Functions.ILike(user.Username, pattern, SearchPattern.Escape))
                || db.Devices.Any(device => device.Id == mapping.DeviceId && EF.Functions.ILike(device.Name, pattern, SearchPattern.Escape)));

    /// <summary>One page in the order in which devices were assigned.</summary>
    public static IQueryable<Mapping> PageById(this IQueryable<Mapping> mappings, Page page)
    {
        // Ids are UUIDs of version 7, which grow with time.
        if (page.After is { Id: var last })
            mappings = mappings.Where(mapping => mapping.Id > last);

        return mappings.OrderBy(mapping => mapping.Id).Take(page.Take);
    }
}
