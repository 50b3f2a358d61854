using System.Runtime.CompilerServices;
using EnergyAspire.Api.Lists;
using EnergyAspire.Contracts;
using EnergyAspire.Data.Audit;
using EnergyAspire.Data.Replicas;
using EnergyAspire.Devices.Data;
using EnergyAspire.Devices.Mappings;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EnergyAspire.Devices.Users;

/// <summary>Client for Identity's list of accounts, the source of the replicas.</summary>
public sealed class UserSource(HttpClient identity)
{
    /// <summary>Reads all accounts whose registration has ended, page by page.</summary>
    public async IAsyncEnumerable<List<UserReplica>> ReadAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var page in identity.ReadPagesAsync<UserState>("/internal/users?limit=1000", cancel))
            yield return page.ConvertAll(user => UserReplica.Of(user.Id, user.Username, user.Role, user.TokenGeneration, user.Version));
    }
}

/// <summary>
/// Rebuilds the replicas of accounts. Devices of deleted accounts are unassigned; the audit records name the caller, or this service if there
/// is none.
/// </summary>
internal sealed class UserRebuild(DeviceDbContext db, UserSource source, IHttpContextAccessor http, TimeProvider time, ILogger<UserRebuild> logger)
    : ReplicaRebuild<RebuildCounts>(logger)
{
    private static readonly AuditActor Itself = new(Id: null, ResourceNames.Devices, Address: null);

    protected override string Sources => "Identity";

    protected override Task<RebuildCounts> RebuildAsync(CancellationToken cancel) => UserReplicas.Table.RebuildAsync(
        db, source.ReadAsync(cancel), cancel,
        gone => Work.Begin(db, time, http.HttpContext?.Actor() ?? Itself).TakeAwayFromGoneAsync(gone, cancel));
}

/// <summary>The endpoint that rebuilds the replicas of accounts.</summary>
public static class UserRebuildEndpoint
{
    /// <summary>Maps <c>/api/devices/users/rebuild</c>.</summary>
    public static void MapUserRebuild(this IEndpointRouteBuilder routes) => routes
        .MapPost("/api/devices/users/rebuild", Rebuild).WithTags("Replicas").RequireAuthorization(Policies.AdminOrReplica)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    /// <summary>Rebuilds this service's replicas of accounts from Identity.</summary>
    /// <remarks>It may run at any time: rows that are newer than Identity's answer are kept.</remarks>
    /// <response code="200">Counts of added, changed, removed and unchanged replicas.</response>
    /// <response code="503">Identity is unavailable; no replica was removed.</response>
    public static Task<Results<Ok<RebuildCounts>, ProblemHttpResult>> Rebuild(ReplicaRebuild<RebuildCounts> rebuild, CancellationToken cancel) =>
        rebuild.AnswerAsync(cancel);
}
