using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Json;
using EnergyAspire.Identity.Accounts;
using EnergyAspire.Identity.Data;
using EnergyAspire.Identity.Sagas;
using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace EnergyAspire.Identity.Tests.Sagas;

/// <summary>What Identity measures of its sagas.</summary>
public sealed class SagaMetricTests(IdentityFixture fixture)
{
    [Fact]
    public async Task The_states_of_unfinished_sagas_and_the_duration_and_end_of_finished_ones_are_measured()
    {
        var database = await fixture.CreateDatabaseAsync();
        var options = new DbContextOptionsBuilder<AuthDbContext>().UseNpgsql(database).UseSnakeCaseNamingConvention().Options;
        await using (var db = new AuthDbContext(options))
        {
            // Other replicas have them.
            db.AddRange(Unfinished(SagaState.Running), Unfinished(SagaState.Running), Unfinished(SagaState.Compensating));
            await db.SaveChangesAsync();
        }

        await using var identity = fixture.Create(database, settings: new() { ["Sagas:Deadline"] = "00:00:01" });
        var meters = identity.Services.GetRequiredService<IMeterFactory>();
        using var unfinished = new MetricCollector<long>(meters, IdentityMetrics.Name, "energy.saga.unfinished");
        using var durations = new MetricCollector<double>(meters, IdentityMetrics.Name, "energy.saga.duration");
        await identity.WaitUntilReadyAsync();
        using var anyone = identity.CreateClient();

        // There is no Users here.
        using var answer = await anyone.PostAsJsonAsync("/api/auth/register", new { username = "carol", password = "a long enough password" });

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        await Eventually.TrueAsync(() => Task.FromResult(durations.LastMeasurement is not null), "the end of the saga is measured");
        Assert.InRange(durations.LastMeasurement!.Value, 1, 30);
        Assert.Equal(("registration", "rolled_back"), (durations.LastMeasurement.Tags["energy.saga.type"], durations.LastMeasurement.Tags["energy.saga.state"]));
        await Eventually.TrueAsync(() => Task.FromResult(unfinished.GetMeasurementSnapshot().Count >= 2), "the unfinished sagas are counted");
        Assert.Contains(unfinished.GetMeasurementSnapshot(), seen => seen.Value == 2 && seen.Tags["energy.saga.state"] is "running");
        Assert.Contains(unfinished.GetMeasurementSnapshot(), seen => seen.Value == 1 && seen.Tags["energy.saga.state"] is "compensating");
    }

    private static Saga Unfinished(SagaState state)
    {
        var now = DateTimeOffset.UtcNow;

        return new Saga
        {
            Id = Guid.CreateVersion7(),
            Type = SagaType.Registration,
            Subject = Guid.CreateVersion7(),
            Username = "somebody",
            Data = "{}",
            State = state,
            Steps = [.. AccountSagas.Registration.Steps.Select(step => new StepProgress { Name = step.Name })],
            StartedAt = now,
            NextAttemptAt = now,
            Deadline = now.AddHours(1),
            LeasedUntil = now.AddHours(1),
            Actor = "",
        };
    }
}
