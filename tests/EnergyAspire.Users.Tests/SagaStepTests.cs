using EnergyAspire.Contracts;
using EnergyAspire.Messaging.Sagas;
using EnergyAspire.Testing;
using EnergyAspire.Users.Accounts;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Users.Tests;

/// <summary>What is remembered of sagas' steps, and for how long.</summary>
public sealed class SagaStepTests(TestServers servers, ChangingService service) : IClassFixture<ChangingService>
{
    [Fact]
    public async Task With_a_person_goes_what_undoing_their_sagas_would_have_needed()
    {
        var id = await service.Saga.ProfileAsync(fname: "Ada");
        var other = await service.Saga.ProfileAsync(fname: "Eve");

        await service.HandleAsync(db => AccountEvents.Apply(ChangingService.Envelope(new UserDeleted(id), 9), db, default));

        var steps = await service.Host.WithAsync(db => db.Set<SagaStep>().Where(step => step.Subject == id || step.Subject == other).ToListAsync());
        Assert.Null(Assert.Single(steps, step => step.Subject == id).Before);
        Assert.NotNull(Assert.Single(steps, step => step.Subject == other).Before);
    }

    [Fact]
    public async Task Steps_are_forgotten_after_their_retention_and_not_before()
    {
        var database = await UserService.CreateDatabaseAsync(servers);
        var (old, young) = (Guid.NewGuid(), Guid.NewGuid());
        await using (var first = await UserService.StartAsync(servers, database))
        {
            await first.WithAsync(async db =>
            {
                var now = DateTimeOffset.UtcNow;
                db.Add(new SagaStep { SagaId = old, Subject = old, At = now - SagaSteps.Retention - TimeSpan.FromMinutes(1) });
                db.Add(new SagaStep { SagaId = young, Subject = young, At = now - SagaSteps.Retention + TimeSpan.FromHours(1) });
                return await db.SaveChangesAsync();
            });
        }

        await using var second = await UserService.StartAsync(servers, database);
        await Eventually.TrueAsync(
            () => second.WithAsync(async db => !await db.Set<SagaStep>().AnyAsync(step => step.SagaId == old)), "the old step is forgotten");
        Assert.True(await second.WithAsync(db => db.Set<SagaStep>().AnyAsync(step => step.SagaId == young)));
    }
}
