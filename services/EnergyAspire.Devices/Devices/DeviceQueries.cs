using EnergyAspire.Api.Lists;
using EnergyAspire.Data.Lists;
using EnergyAspire.Devices.Data;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Devices.Devices;

/// <summary>Filters and sort orders of queries on devices.</summary>
public static class DeviceQueries
{
    // Below every price.
    private const decimal NoPrice = -1;

    /// <summary>Sort orders of lists of devices. Devices without a price come before the cheapest.</summary>
    public static readonly ListOrders<Device> Orders = new ListOrders<Device>(device => device.Id)
        .By(device => device.Name)
        .By(device => device.CreatedAt)
        .By(device => device.MaxConsumption)
        .By(device => device.Price, NoPrice)
        .By(device => device.TimeZone);

    /// <summary>Devices that a caller may see: an admin all, anyone else those mapped to them.</summary>
    public static IQueryable<Device> VisibleTo(this IQueryable<Device> devices, CurrentUser caller, DeviceDbContext db) =>
        caller.IsAdmin ? devices : devices.MappedTo(caller.Id, db);

    /// <summary>Devices that are mapped to a user.</summary>
    public static IQueryable<Device> MappedTo(this IQueryable<Device> devices, Guid userId, DeviceDbContext db) =>
        devices.Where(device => db.Mappings.Any(mapping =>
            mapping.UserId == userId && mapping.DeviceId == device.Id && mapping.IsAssigned));

    /// <summary>Devices whose name, description or external id contains a term; all without one.</summary>
    public static IQueryable<Device> Matching(this IQueryable<Device> devices, string? search) =>
        SearchPattern.Containing(search) is not { } pattern
            ? devices
            : devices.Where(device =>
                EF.Functions.ILike(device.Name, pattern, SearchPattern.Escape)
                || EF.Functions.ILike(device.Description, pattern, SearchPattern.Escape)
                || EF.Functions.ILike(device.ExternalId!, pattern, SearchPattern.Escape));
}
