using EnergyAspire.Contracts;
using EnergyAspire.Messaging;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Replicas.Rebuild;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Authentication;
using EnergyAspire.ServiceDefaults.Lists;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Replicas;

/// <summary>The copies of users, devices and mappings: how they come here and who may read them.</summary>
public static class ReplicaEndpoints
{
    private static readonly ListOrders<DeviceReplica> DeviceOrder = new ListOrders<DeviceReplica>(device => device.Id).By(device => device.Name);
    private static readonly ListOrders<UserReplica> UserOrder = new ListOrders<UserReplica>(user => user.Id).By(user => user.Username);

    /// <summary>Follows the events that the copies are made from, and refuses tokens that their account has outlived.</summary>
    public static IHostApplicationBuilder AddReplicas(this IHostApplicationBuilder builder)
    {
        builder.AddBroker(ResourceNames.Messaging);
        builder.AddEventConsumer<MonitoringDbContext>(Topology.MonitoringSync, events => events
            .On<UserCreated>(ReplicaHandlers.Apply)
            .On<UserUpdated>(ReplicaHandlers.Apply)
            .On<UserDeleted>(ReplicaHandlers.Apply)
            .On<DeviceCreated>(ReplicaHandlers.Apply)
            .On<DeviceUpdated>(ReplicaHandlers.Apply)
            .On<DeviceDeleted>(ReplicaHandlers.Apply)
            .On<DeviceAssigned>(ReplicaHandlers.Apply)
            .On<DeviceUnassigned>(ReplicaHandlers.Apply));
        builder.AddAccountStandings<MonitoringDbContext>((db, id, cancel) => db.Users
            .Where(user => user.Id == id)
            .Select(user => new AccountStanding(user.TokenGeneration, user.IsDeleted))
            .SingleOrDefaultAsync(cancel));
        builder.AddRebuild();

        return builder;
    }

    /// <summary>Maps <c>/api/monitoring/devices</c>, <c>/api/monitoring/users</c> and the rebuild.</summary>
    public static void MapReplicas(this IEndpointRouteBuilder routes)
    {
        var replicas = routes.MapGroup("/api/monitoring").WithTags("Replicas").RequireAuthorization();

        replicas.MapGet("/devices", GetDevices).WithPaging();
        replicas.MapGet("/users", GetUsers).WithPaging().RequireAuthorization(Policies.Admin);
        routes.MapRebuild();
    }

    /// <summary>Lists the devices that the caller may see, by name: an admin all, a client theirs.</summary>
    /// <remarks>This service's own copy, which follows Devices by events; by it the service decides who sees which readings.</remarks>
    /// <response code="200">The devices.</response>
    public static async Task<Results<Ok<List<MonitoredDevice>>, ValidationProblem>> GetDevices(
        [AsParameters] PageRequest paging, CurrentUser caller, MonitoringDbContext db, CancellationToken cancel)
    {
        if (!DeviceOrder.TryRead(paging, sort: null, out var page, out var problem))
            return problem;

        var devices = await page.ReadAsync(db.Devices.AsNoTracking().Where(device => !device.IsDeleted).VisibleTo(caller, db), cancel);
        return TypedResults.Ok(devices.ConvertAll(device => new MonitoredDevice(
            device.Id, device.Name, device.Description, device.MaxConsumption, device.Price, device.TimeZone, device.ReportingIntervalSeconds)));
    }

    /// <summary>Lists this service's copies of all accounts, by name.</summary>
    /// <remarks>They follow Identity by events.</remarks>
    /// <response code="200">The accounts.</response>
    public static async Task<Results<Ok<List<MonitoredUser>>, ValidationProblem>> GetUsers(
        [AsParameters] PageRequest paging, MonitoringDbContext db, CancellationToken cancel)
    {
        if (!UserOrder.TryRead(paging, sort: null, out var page, out var problem))
            return problem;

        var users = await page.ReadAsync(db.Users.AsNoTracking().Where(user => !user.IsDeleted), cancel);
        return TypedResults.Ok(users.ConvertAll(user => new MonitoredUser(user.Id, user.Username, user.Role)));
    }

    /// <summary>Narrows devices to those that the caller may see by this service's own copy of the mappings.</summary>
    public static IQueryable<DeviceReplica> VisibleTo(this IQueryable<DeviceReplica> devices, CurrentUser caller, MonitoringDbContext db)
    {
        if (caller.IsAdmin)
            return devices;

        var callerId = caller.Id;
        return devices.Where(device => !device.IsDeleted && db.Mappings.Any(mapping =>
            mapping.UserId == callerId && mapping.DeviceId == device.Id && mapping.IsAssigned));
    }
}

/// <summary>A device as Monitoring knows it.</summary>
/// <param name="Id">Device id.</param>
/// <param name="Name">Name for people.</param>
/// <param name="Description">Free text, may be empty.</param>
/// <param name="MaxConsumption">Limit in kWh per clock hour.</param>
/// <param name="Price">Price per kWh; null when unknown.</param>
/// <param name="TimeZone">IANA zone of the site.</param>
/// <param name="ReportingIntervalSeconds">Seconds between two readings.</param>
/// <example>{"id":"00000000-0000-7000-8000-0000000000d1","name":"Heat pump","description":"In the cellar","max_consumption":3.0,"price":0.32,"time_zone":"Europe/Berlin","reporting_interval_seconds":600}</example>
public sealed record MonitoredDevice(
    Guid Id, string Name, string Description, decimal MaxConsumption, decimal? Price, string TimeZone, int ReportingIntervalSeconds);

/// <summary>An account as Monitoring knows it.</summary>
/// <param name="Id">Account id.</param>
/// <param name="Username">Sign-in name.</param>
/// <param name="Role"><c>admin</c> or <c>client</c>.</param>
/// <example>{"id":"00000000-0000-7000-8000-0000000000a1","username":"alice","role":"client"}</example>
public sealed record MonitoredUser(Guid Id, string Username, string Role);
