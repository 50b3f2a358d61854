using System.Net.Sockets;
using EnergyAspire.ServiceDefaults;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Npgsql;

namespace EnergyAspire.Provisioning;

/// <summary>Provisions the databases when the process starts, with retries while the server is unavailable or refuses. Healthy once it is done.</summary>
internal sealed partial class DatabaseProvisioning(
    IConfiguration configuration, IOptions<ProvisioningOptions> options, TimeProvider time, ILogger<DatabaseProvisioning> logger)
    : BackgroundService, IHealthCheck
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    // Provisioning usually takes less. Aspire checks an unhealthy resource less often, which would delay the services.
    private static readonly TimeSpan CheckPatience = TimeSpan.FromSeconds(4);

    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string _obstacle = "The databases aren't provisioned yet.";

    /// <inheritdoc />
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await _done.Task.WaitAsync(CheckPatience, time, cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (TimeoutException)
        {
            return HealthCheckResult.Unhealthy(_obstacle);
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var administrator = configuration.GetConnectionString(ResourceNames.Postgres)!;
        while (true)
        {
            try
            {
                foreach (var (name, database) in options.Value.Databases)
                    await new ServiceDatabase(name, database.Role, database.Password).ProvisionAsync(administrator, stoppingToken);
                _done.TrySetResult();
                LogDone(logger, string.Join(", ", options.Value.Databases.Keys));
                return;
            }
            catch (Exception failure) when (failure is NpgsqlException or SocketException)
            {
                _obstacle = $"The databases can't be provisioned: {failure.Message}";
                LogRetry(logger, failure.Message);
                await Task.Delay(RetryDelay, time, stoppingToken);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Information, "The databases exist with their roles: {Databases}")]
    private static partial void LogDone(ILogger logger, string databases);

    [LoggerMessage(2, LogLevel.Warning, "The databases can't be provisioned yet: {Reason}")]
    private static partial void LogRetry(ILogger logger, string reason);
}
