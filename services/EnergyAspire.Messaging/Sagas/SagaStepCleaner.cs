using EnergyAspire.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EnergyAspire.Messaging.Sagas;

/// <summary>Removes records of saga steps that are older than <see cref="SagaSteps.Retention"/>.</summary>
internal sealed class SagaStepCleaner<TContext>(
    IServiceScopeFactory scopes, DatabaseReadiness<TContext> database, TimeProvider time, ILogger<SagaStepCleaner<TContext>> logger)
    : PeriodicWorker<TContext>(scopes, database, time, logger)
    where TContext : DbContext
{
    protected override string Name => "clean saga_steps";

    protected override TimeSpan Interval => TimeSpan.FromHours(1);

    protected override Task RunAsync(IServiceProvider services, CancellationToken cancel)
    {
        var oldest = Time.GetUtcNow() - SagaSteps.Retention;
        return services.GetRequiredService<TContext>().Set<SagaStep>().Where(step => step.At < oldest).ExecuteDeleteAsync(cancel);
    }
}
