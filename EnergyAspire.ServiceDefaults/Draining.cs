using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace EnergyAspire.ServiceDefaults;

/// <summary>Settings of the shutdown.</summary>
public sealed class DrainOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Drain";

    /// <summary>
    /// How long a process that was told to stop still accepts requests, while <c>/health</c> says that it isn't ready. Meanwhile the load balancer
    /// learns to send requests to other replicas. It is part of the time that the orchestrator waits for the end of a process, usually 30 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:20")]
    public TimeSpan Time { get; set; } = TimeSpan.Zero;
}

/// <summary>Delays the shutdown of a process while its load balancer may still send requests to it.</summary>
internal sealed class Draining(IHostApplicationLifetime lifetime, IOptions<DrainOptions> options, TimeProvider time) : IHostedLifecycleService, IHealthCheck
{
    private static readonly TimeSpan TimeToStop = TimeSpan.FromSeconds(30);

    /// <summary>Adds the delay and its health check.</summary>
    public static void AddTo(IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<DrainOptions>().BindConfiguration(DrainOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<Draining>();
        builder.Services.AddHostedService(services => services.GetRequiredService<Draining>());
        builder.Services.AddHealthChecks().AddCheck<Draining>("draining");
        // The delay doesn't shorten the time that requests and workers have for their end.
        builder.Services.AddOptions<HostOptions>()
            .Configure<IOptions<DrainOptions>>((host, drain) => host.ShutdownTimeout = TimeToStop + drain.Value.Time);
    }

    /// <inheritdoc />
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(lifetime.ApplicationStopping.IsCancellationRequested
            ? HealthCheckResult.Unhealthy("The process is stopping.")
            : HealthCheckResult.Healthy());

    /// <summary>Waits. The server and the workers stop after this.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.Delay(options.Value.Time, time, cancellationToken);

    /// <inheritdoc />
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
