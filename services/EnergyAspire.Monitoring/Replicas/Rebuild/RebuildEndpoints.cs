using System.Text.Json;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Polly;

namespace EnergyAspire.Monitoring.Replicas.Rebuild;

/// <summary>Rebuilding the copies from their sources, when asked and now and then.</summary>
public static class RebuildEndpoints
{
    /// <summary>Adds the sources and the schedule.</summary>
    public static IHostApplicationBuilder AddRebuild(this IHostApplicationBuilder builder)
    {
        builder.AddServiceClient<UserSource>(ResourceNames.Identity, TokenConventions.ReplicaScope);
        builder.AddServiceClient<DeviceSource>(ResourceNames.Devices, TokenConventions.ReplicaScope);
        builder.Services.AddScoped<ReplicaRebuild>();

        builder.Services.AddOptions<ReplicaOptions>().BindConfiguration(ReplicaOptions.Section)
            .ValidateDataAnnotations().ValidateOnStart();
        if (!OpenApiExtensions.IsGeneratingDocuments)
            builder.Services.AddHostedService<RebuildSchedule>();

        return builder;
    }

    /// <summary>Maps <c>/api/monitoring/replicas/rebuild</c>.</summary>
    public static void MapRebuild(this IEndpointRouteBuilder routes) => routes
        .MapPost("/api/monitoring/replicas/rebuild", Rebuild)
        .WithTags("Replicas")
        .RequireAuthorization(Policies.AdminOrReplica)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    /// <summary>Rebuilds the copies of users, devices and mappings from Identity and Devices, and says what differed.</summary>
    /// <remarks>
    /// For admins and services. Nothing is taken away meanwhile, and what events bring meanwhile stays. Readings that were quarantined
    /// because their device was unknown are stored once it is known. 503 when a source is away; what was mended until then stays mended.
    /// </remarks>
    /// <response code="200">What was done to each copy.</response>
    /// <response code="503">Identity or Devices is away.</response>
    public static async Task<Results<Ok<RebuiltCopies>, ProblemHttpResult>> Rebuild(
        ReplicaRebuild rebuild, ILogger<ReplicaRebuild> logger, CancellationToken cancel)
    {
        try
        {
            return TypedResults.Ok(await rebuild.RunAsync(cancel));
        }
        catch (Exception failure) when (failure is HttpRequestException or JsonException or ExecutionRejectedException
            || (failure is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            ReplicaLog.Failed(logger, failure.GetBaseException().Message);
            return TypedResults.Problem(
                "Identity or Devices can't be read now. Try again.", statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }
}
