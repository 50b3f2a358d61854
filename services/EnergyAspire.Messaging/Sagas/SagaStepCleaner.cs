using EnergyAspire.Messaging.Broker;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EnergyAspire.Messaging.Sagas;

/// <summary>Removes steps of sagas that ended long ago.</summary>
internal sealed class SagaStepCleaner<TContext>(
    IServiceScopeFactory scopes, DatabaseReadiness<TContext> database, TimeProvider time, ILogger<SagaStepCleaner<TContext>> logger)
    : BackgroundService
    where TContext : DbContext
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (OpenApiExtensions.IsGeneratingDocuments)
            return;

        await database.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                var oldest = time.GetUtcNow() - SagaSteps.Retention;
                await scope.ServiceProvider.GetRequiredService<TContext>().Set<SagaStep>().Where(step => step.At < oldest).ExecuteDeleteAsync(stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                BrokerLog.CleaningFailed(logger, "saga_steps", failure.GetBaseException().Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
