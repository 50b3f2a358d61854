using System.Net;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Users.Tests;

public sealed class StartTests(TestServers servers)
{
    [Fact]
    public async Task Replicas_that_start_together_make_the_schema_and_the_profiles_once()
    {
        var database = await servers.CreateDatabaseAsync("user_db");
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            await using var replica = await UserService.StartAsync(servers, database);
        })));

        await using var again = await UserService.StartAsync(servers, database);
        Assert.Equal(3, await again.WithAsync(db => db.Profiles.CountAsync()));
    }

    [Fact]
    public async Task What_was_deleted_stays_deleted_at_the_next_start()
    {
        var database = await servers.CreateDatabaseAsync("user_db");
        await using (var first = await UserService.StartAsync(servers, database))
            await first.WithAsync(db => db.Profiles.Where(profile => profile.Id == DevelopmentData.Bob).ExecuteDeleteAsync());

        await using var second = await UserService.StartAsync(servers, database);

        Assert.Equal(2, await second.WithAsync(db => db.Profiles.CountAsync()));
    }

    [Fact]
    public async Task Outside_Development_there_are_no_profiles()
    {
        await using var service = await UserService.StartAsync(servers, await servers.CreateDatabaseAsync("user_db"), "Production");

        Assert.Equal(0, await service.WithAsync(db => db.Profiles.CountAsync()));
    }

    [Fact]
    public async Task Without_its_database_the_service_is_alive_but_not_ready()
    {
        await using var service = UserService.Create(servers.Broker, "Host=127.0.0.1;Port=9;Username=nobody;Database=nothing");
        using var client = service.CreateClient();

        using var alive = await client.GetAsync(new Uri("/alive", UriKind.Relative));
        using var health = await client.GetAsync(new Uri("/health", UriKind.Relative));

        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
    }

    [Fact]
    public async Task The_model_and_the_migrations_agree()
    {
        await using var service = UserService.Create(servers.Broker, await servers.CreateDatabaseAsync("user_db"));

        Assert.False(await service.WithAsync(db => Task.FromResult(db.Database.HasPendingModelChanges())));
    }
}
