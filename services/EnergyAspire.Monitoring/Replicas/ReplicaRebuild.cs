using EnergyAspire.Api.Lists;
using EnergyAspire.Contracts;
using EnergyAspire.Data.Replicas;
using EnergyAspire.Monitoring.Budgets;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Replicas;

/// <summary>Result of a rebuild.</summary>
/// <param name="Users">Replicas of accounts.</param>
/// <param name="Devices">Replicas of devices.</param>
/// <param name="Mappings">Replicas of mappings.</param>
/// <param name="Tariffs">Replicas of tariffs.</param>
/// <example>{"users":{"added":0,"changed":1,"removed":0,"unchanged":41},"devices":{"added":1,"changed":0,"removed":0,"unchanged":17},"mappings":{"added":0,"changed":0,"removed":2,"unchanged":20},"tariffs":{"added":0,"changed":0,"removed":0,"unchanged":3}}</example>
public sealed record RebuiltReplicas(RebuildCounts Users, RebuildCounts Devices, RebuildCounts Mappings, RebuildCounts Tariffs);

/// <summary>Client of Identity, the source of accounts.</summary>
public sealed class UserSource(HttpClient identity)
{
    /// <summary>Reads all accounts, page by page.</summary>
    public IAsyncEnumerable<List<UserState>> ReadUsersAsync(CancellationToken cancel) => identity.ReadPagesAsync<UserState>("/internal/users?limit=1000", cancel);
}

/// <summary>Client of Devices, the source of devices, mappings and tariffs.</summary>
/// <remarks>
/// During an update a replica of the former version may answer, which knows neither periods nor histories. Its lists are refused, because they would
/// replace what is known.
/// </remarks>
public sealed class DeviceSource(HttpClient devices)
{
    /// <summary>Reads all devices, page by page.</summary>
    /// <exception cref="HttpRequestException">Devices can't be read, or a replica of the former version answers.</exception>
    public IAsyncEnumerable<List<DeviceState>> ReadDevicesAsync(CancellationToken cancel) =>
        Whole(devices.ReadPagesAsync<DeviceState>("/internal/devices?limit=1000", cancel), device => device is { Settings: not null, Meters: not null, Tariffs: not null, ExistsFrom: not null });

    /// <summary>Reads all mappings, page by page, with those that have ended.</summary>
    /// <exception cref="HttpRequestException">Devices can't be read, or a replica of the former version answers.</exception>
    public IAsyncEnumerable<List<MappingState>> ReadMappingsAsync(CancellationToken cancel) =>
        Whole(devices.ReadPagesAsync<MappingState>("/internal/mappings?ended=true&limit=1000", cancel), mapping => mapping.Periods is not null);

    /// <summary>Reads all tariffs, page by page.</summary>
    /// <exception cref="HttpRequestException">Devices can't be read, or a replica of the former version answers.</exception>
    public IAsyncEnumerable<List<TariffState>> ReadTariffsAsync(CancellationToken cancel) => devices.ReadPagesAsync<TariffState>("/internal/tariffs?limit=1000", cancel);

    private static async IAsyncEnumerable<List<T>> Whole<T>(IAsyncEnumerable<List<T>> pages, Predicate<T> isWhole)
    {
        await foreach (var page in pages)
            yield return page.TrueForAll(isWhole) ? page : throw new HttpRequestException("A replica of a former version of Devices answers.");
    }
}

/// <summary>
/// Rebuilds the replicas of users, devices, mappings and tariffs. If a source becomes unavailable during the rebuild, the repairs made so far are kept.
/// </summary>
public sealed partial class ReplicaRebuild(UserSource users, DeviceSource devices, MonitoringDbContext db, ILogger<ReplicaRebuild> logger)
    : ReplicaRebuild<RebuiltReplicas>(logger)
{
    /// <inheritdoc />
    protected override string Sources => "Identity or Devices";

    /// <inheritdoc />
    protected override async Task<RebuiltReplicas> RebuildAsync(CancellationToken cancel) => new(
        await UserReplicas.Table.RebuildAsync(db, users.ReadUsersAsync(cancel), cancel, gone => db.RemoveBudgetsOfUsersAsync(gone, cancel)),
        await DeviceReplicas.Table.RebuildAsync(db, LoggingFaultsAsync(devices.ReadDevicesAsync(cancel)), cancel, async gone =>
        {
            await db.Database.ExecuteSqlAsync($"update device_replicas set deleted_at = now() where id = any({gone.ToArray()})", cancel);
            await db.RemoveBudgetsOfDevicesAsync(gone, cancel);
        }),
        await MappingReplicas.Table.RebuildAsync(db, devices.ReadMappingsAsync(cancel), cancel),
        await TariffReplicas.Table.RebuildAsync(db, devices.ReadTariffsAsync(cancel), cancel));

    private async IAsyncEnumerable<List<DeviceState>> LoggingFaultsAsync(IAsyncEnumerable<List<DeviceState>> source)
    {
        await foreach (var page in source)
        {
            foreach (var device in page.Where(device => DeviceReplicas.FaultOf(device) is not null))
                LogFault(logger, device.Id, DeviceReplicas.FaultOf(device)!);

            yield return page;
        }
    }

    [LoggerMessage(242, LogLevel.Error, "Device {DeviceId} can't be replicated: {Fault}")]
    private static partial void LogFault(ILogger logger, Guid deviceId, string fault);
}

/// <summary>Endpoint that rebuilds the replicas on request.</summary>
public static class RebuildEndpoint
{
    /// <summary>Maps <c>/api/monitoring/replicas/rebuild</c>.</summary>
    public static void MapRebuild(this IEndpointRouteBuilder routes) => routes
        .MapPost("/api/monitoring/replicas/rebuild", Rebuild)
        .WithTags("Replicas")
        .RequireAuthorization(Policies.AdminOrReplica)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    /// <summary>Rebuilds the replicas of users, devices, mappings and tariffs from Identity and Devices, and returns what was changed.</summary>
    /// <remarks>
    /// For admins and services. It may run at any time: the replicas stay in use, and rows that events update in the meantime are kept. Readings
    /// in quarantine whose device becomes known are stored.
    /// </remarks>
    /// <response code="200">Counts of added, changed, removed and unchanged replicas of each kind.</response>
    /// <response code="503">Identity or Devices is unavailable. Repairs made so far are kept.</response>
    public static Task<Results<Ok<RebuiltReplicas>, ProblemHttpResult>> Rebuild(ReplicaRebuild<RebuiltReplicas> rebuild, CancellationToken cancel) =>
        rebuild.AnswerAsync(cancel);
}
