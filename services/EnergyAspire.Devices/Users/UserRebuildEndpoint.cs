using System.Text.Json;
using EnergyAspire.Devices.Data;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Polly;

namespace EnergyAspire.Devices.Users;

/// <summary>Having the copies of accounts rebuilt.</summary>
public static class UserRebuildEndpoint
{
    /// <summary>Maps <c>/api/devices/users/rebuild</c>.</summary>
    public static void MapUserRebuild(this IEndpointRouteBuilder routes) => routes
        .MapPost("/api/devices/users/rebuild", Rebuild).WithTags("Copies").RequireAuthorization(Policies.AdminOrReplica)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    /// <summary>Makes this service's copies of accounts as they are at their source, Identity.</summary>
    /// <remarks>Nothing that is newer than the source's answer is overwritten, so it may be called at any time.</remarks>
    /// <param name="rebuild">Rebuild.</param>
    /// <param name="work">Who asks.</param>
    /// <param name="cancel">Set when the caller goes away.</param>
    /// <response code="200">How many copies were mended.</response>
    /// <response code="503">Identity can't be read now; no copy was removed.</response>
    public static async Task<Results<Ok<RebuildCounts>, ProblemHttpResult>> Rebuild(UserRebuild rebuild, Work work, CancellationToken cancel)
    {
        try
        {
            return TypedResults.Ok(await rebuild.RunAsync(work.Actor, cancel));
        }
        catch (Exception failure) when (failure is HttpRequestException or ExecutionRejectedException or JsonException)
        {
            return TypedResults.Problem(
                "Identity can't be read now. Nothing was removed; try again later.", statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }
}
