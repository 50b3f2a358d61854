using EnergyAspire.Api.Lists;
using EnergyAspire.Contracts;
using EnergyAspire.Data;
using EnergyAspire.Data.Lists;
using EnergyAspire.Data.Replicas;
using EnergyAspire.Messaging;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Hours;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using NpgsqlTypes;

namespace EnergyAspire.Monitoring.Replicas;

/// <summary>Registers and maps the replicas of users, devices, mappings and tariffs, which events keep up to date.</summary>
public static class ReplicaEndpoints
{
    private static readonly ListOrders<DeviceReplica> DeviceOrder = new ListOrders<DeviceReplica>(device => device.Id).By(device => device.Name);
    private static readonly ListOrders<UserReplica> UserOrder = new ListOrders<UserReplica>(user => user.Id).By(user => user.Username);

    /// <summary>
    /// Adds the event handlers of the replicas, their periodic rebuild, and the rejection of tokens that an account change has invalidated.
    /// </summary>
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
            .On<DeviceUnassigned>(ReplicaHandlers.Apply)
            .On<TariffUpdated>(ReplicaHandlers.Apply)
            .On<TariffDeleted>(ReplicaHandlers.Apply));
        builder.AddAccountStandings<MonitoringDbContext>((db, id, cancel) => db.Users
            .Where(user => user.Id == id)
            .Select(user => new AccountStanding(user.TokenGeneration, user.IsDeleted))
            .SingleOrDefaultAsync(cancel));
        builder.AddServiceClient<UserSource>(ResourceNames.Identity, TokenConventions.ReplicaScope);
        builder.AddServiceClient<DeviceSource>(ResourceNames.Devices, TokenConventions.ReplicaScope);
        builder.AddReplicaRebuild<MonitoringDbContext, ReplicaRebuild, RebuiltReplicas>();

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

    /// <summary>Lists the replicas of the devices that the caller may see, sorted by name. An admin sees all, a client only their own.</summary>
    /// <remarks>
    /// Events from Devices update the replicas. They determine who may see which readings: a client sees what was measured while the device belonged
    /// to them, in whole clock hours. The hour in which a device changes hands belongs to the new owner.
    /// </remarks>
    /// <param name="withEnded"><c>true</c> to add devices that no longer belong to the caller; <c>false</c> by default.</param>
    /// <response code="200">The devices.</response>
    public static async Task<Results<Ok<List<MonitoredDevice>>, ValidationProblem>> GetDevices(
        [AsParameters] PageRequest paging, [FromQuery(Name = "with_ended")] string? withEnded, CurrentUser caller, MonitoringDbContext db,
        CancellationToken cancel)
    {
        if (!DeviceOrder.TryRead(paging, sort: null, out var page, out var problem))
            return problem;
        if (withEnded is not (null or "true" or "false"))
        {
            return TypedResults.ValidationProblem(
                new Dictionary<string, string[]>(StringComparer.Ordinal) { ["with_ended"] = ["with_ended must be true or false."] });
        }

        var devices = await page.ReadAsync(
            db.Devices.AsNoTracking().Where(device => !device.IsDeleted).VisibleTo(caller, db, withEnded == "true"), cancel);
        var ids = devices.ConvertAll(device => device.Id);
        var (isAdmin, callerId) = (caller.IsAdmin, caller.Id);
        var periods = isAdmin ? [] : await db.Mappings.Where(mapping => mapping.UserId == callerId && ids.Contains(mapping.DeviceId))
            .ToDictionaryAsync(mapping => mapping.DeviceId, mapping => mapping.Periods, cancel);

        return TypedResults.Ok(devices.ConvertAll(device => new MonitoredDevice(
            device.Id, device.Name, device.Description, device.MaxConsumption, device.Price, device.TimeZone, device.ReportingIntervalSeconds, TariffsUntil(device, periods.GetValueOrDefault(device.Id)),
            periods.GetValueOrDefault(device.Id)?.Select(period => new MappingPeriod(
                period.LowerBoundInfinite ? null : period.LowerBound, period.UpperBoundInfinite ? null : period.UpperBound)).ToList(),
            device.Direction ?? EnergyDirection.Consumption, device.FeedInOf)));
    }

    /// <summary>Returns a device's tariffs without those that begin after it has ceased to be the caller's.</summary>
    private static List<DeviceTariff> TariffsUntil(DeviceReplica device, NpgsqlRange<DateTimeOffset>[]? periods)
    {
        var last = periods is [.., { UpperBoundInfinite: false, UpperBound: var end }] ? SiteClock.DateAt(end, TimeZoneInfo.FindSystemTimeZoneById(device.TimeZone)) : DateOnly.MaxValue;
        return [.. (device.Tariffs ?? []).Where(tariff => tariff.From is null || tariff.From <= last)];
    }

    /// <summary>Lists this service's replicas of all accounts, sorted by name.</summary>
    /// <remarks>Events from Identity update the replicas.</remarks>
    /// <response code="200">The accounts.</response>
    public static async Task<Results<Ok<List<MonitoredUser>>, ValidationProblem>> GetUsers(
        [AsParameters] PageRequest paging, MonitoringDbContext db, CancellationToken cancel)
    {
        if (!UserOrder.TryRead(paging, sort: null, out var page, out var problem))
            return problem;

        var users = await page.ReadAsync(db.Users.AsNoTracking().Where(user => !user.IsDeleted), cancel);
        return TypedResults.Ok(users.ConvertAll(user => new MonitoredUser(user.Id, user.Username, user.Role)));
    }

    /// <summary>Filters devices to those that the caller may see, by this service's replicas of the mappings.</summary>
    /// <param name="withEnded">Whether devices that no longer belong to the caller are among them.</param>
    public static IQueryable<DeviceReplica> VisibleTo(
        this IQueryable<DeviceReplica> devices, CurrentUser caller, MonitoringDbContext db, bool withEnded)
    {
        if (caller.IsAdmin)
            return devices;

        // An open period of a device that isn't assigned any more is from a replica of the former version, which knows no periods.
        var mappings = db.Mappings.FromSql($"""
            select * from mapping_replicas where user_id = {caller.Id} and not isempty(periods) and (is_assigned or not upper_inf(periods))
            """);
        return devices.Where(device => !device.IsDeleted && mappings.Any(mapping =>
            mapping.DeviceId == device.Id && (mapping.IsAssigned || withEnded)));
    }
}

/// <summary>Monitoring's replica of a device.</summary>
/// <param name="Id">Device id.</param>
/// <param name="Name">Display name.</param>
/// <param name="Description">Free text, may be empty.</param>
/// <param name="MaxConsumption">Limit in kWh per clock hour.</param>
/// <param name="Price">Price per kWh at times without a tariff; null when unknown.</param>
/// <param name="TimeZone">IANA zone of the site.</param>
/// <param name="ReportingIntervalSeconds">Seconds between two readings.</param>
/// <param name="Tariffs">Tariffs that are ever valid, oldest first. Where <c>tariff_id</c> is null, and before the first one, <c>price</c> is valid.</param>
/// <param name="Periods">When it belonged to the caller, oldest first; null for an admin, who sees everything.</param>
/// <param name="Direction"><c>consumption</c>, or <c>production</c> for a device that gives energy. The cost of its energy is negative.</param>
/// <param name="FeedInOf">Device of whose two-way meter this one is the feed-in; null when it is none.</param>
/// <example>{"id":"00000000-0000-7000-8000-0000000000d1","name":"Heat pump","description":"In the cellar","max_consumption":3.0,"price":0.32,"time_zone":"Europe/Berlin","reporting_interval_seconds":600,"tariffs":[],"periods":[{"from":"2026-01-01T00:00:00Z","until":null}],"direction":"consumption","feed_in_of":null}</example>
public sealed record MonitoredDevice(
    Guid Id, string Name, string Description, decimal MaxConsumption, decimal? Price, string TimeZone, int ReportingIntervalSeconds,
    IReadOnlyList<DeviceTariff> Tariffs, IReadOnlyList<MappingPeriod>? Periods, string Direction,
    Guid? FeedInOf);

/// <summary>Monitoring's replica of an account.</summary>
/// <param name="Id">Account id.</param>
/// <param name="Username">Sign-in name.</param>
/// <param name="Role"><c>admin</c> or <c>client</c>.</param>
/// <example>{"id":"00000000-0000-7000-8000-0000000000a1","username":"alice","role":"client"}</example>
public sealed record MonitoredUser(Guid Id, string Username, string Role);
