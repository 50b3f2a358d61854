using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.ServiceDefaults.Data;
using Microsoft.Extensions.Options;

namespace EnergyAspire.Monitoring.Replicas.Rebuild;

/// <summary>How the copies are kept; section <c>Replicas</c>.</summary>
public sealed class ReplicaOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Replicas";

    /// <summary>How often the copies are compared with their sources; a second to 30 days.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan RebuildEvery { get; set; } = TimeSpan.FromHours(6);
}

/// <summary>Rebuilds the copies now and then, so that no difference lasts, whatever made it.</summary>
internal sealed class RebuildSchedule(
    IServiceScopeFactory scopes, DatabaseReadiness<MonitoringDbContext> database, IOptions<ReplicaOptions> options, TimeProvider time,
    ILogger<RebuildSchedule> logger) : BackgroundService
{
    private static readonly ActivitySource Source = new("EnergyAspire.Monitoring");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await database.WaitAsync(stoppingToken);

        using var timer = new PeriodicTimer(options.Value.RebuildEvery, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            using var activity = Source.StartActivity("rebuild copies");
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                await scope.ServiceProvider.GetRequiredService<ReplicaRebuild>().RunAsync(stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever it was, the next time tries again and the host goes on.
                ReplicaLog.Failed(logger, failure.GetBaseException().Message);
                activity?.SetStatus(ActivityStatusCode.Error, failure.GetBaseException().Message);
            }
        }
    }
}
