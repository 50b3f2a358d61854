using System.Net;
using System.Text.Json;
using EnergyAspire.Contracts;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace EnergyAspire.Devices.Tests;

public sealed class StartTests(TestServers servers)
{
    [Fact]
    public async Task The_development_rows_are_announced_once_although_replicas_start_together_and_again()
    {
        await using var channel = await DeviceService.OpenChannelAsync(servers);
        var database = await servers.CreateDatabaseAsync("device_db");

        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            await using var replica = await DeviceService.StartAsync(servers, database);
            await replica.WaitUntilAllIsSentAsync();
        })));
        await using var again = await DeviceService.StartAsync(servers, database);
        await again.WaitUntilAllIsSentAsync();

        var events = new List<JsonElement>();
        while (await channel.BasicGetAsync(Topology.MonitoringSync.Name, autoAck: true) is { } message)
            events.Add(JsonDocument.Parse(message.Body).RootElement);

        Assert.Equal(
            [.. Enumerable.Repeat("device_assigned", 5), .. Enumerable.Repeat("device_created", 4)],
            events.Select(envelope => envelope.GetProperty("event_type").GetString()).Order());
        Assert.Equal(9, events.Select(envelope => envelope.GetProperty("event_id").GetGuid()).Distinct().Count());
        Assert.All(events, envelope => Assert.Equal(1, envelope.GetProperty("version").GetInt64()));

        var laundry = events.Single(envelope => envelope.GetProperty("data").TryGetProperty("name", out var name) && name.GetString() == "Shared laundry");
        Assert.Equal(
            ["description", "direction", "exists_from", "feed_in_of", "id", "max_consumption", "meters", "name", "price", "register_digits", "reporting_interval_seconds", "settings", "tariffs", "time_zone"],
            laundry.GetProperty("data").EnumerateObject().Select(field => field.Name).Order());
        Assert.Equal(4, await again.WithAsync(db => db.Devices.CountAsync()));
        Assert.Equal(5, await again.WithAsync(db => db.Mappings.CountAsync()));
    }

    [Fact]
    public async Task What_was_deleted_stays_deleted_at_the_next_start()
    {
        var database = await servers.CreateDatabaseAsync("device_db");
        await using (var first = await DeviceService.StartAsync(servers, database))
            await first.WithAsync(db => db.Devices.Where(device => device.Id == DevelopmentData.Kitchen).ExecuteDeleteAsync());

        await using var second = await DeviceService.StartAsync(servers, database);

        Assert.Equal(3, await second.WithAsync(db => db.Devices.CountAsync()));
    }

    [Fact]
    public async Task Outside_Development_there_are_no_devices()
    {
        await using var service = await DeviceService.StartAsync(servers, await servers.CreateDatabaseAsync("device_db"), "Production");

        Assert.Equal(0, await service.WithAsync(db => db.Devices.CountAsync()));
    }

    [Theory]
    [InlineData("Site:TimeZone", "Europe/Atlantis")]
    [InlineData("Site:TimeZone", "")]
    [InlineData("Replicas:RebuildEvery", "00:00:00")]
    [InlineData("Replicas:RebuildEvery", "100.00:00:00")]
    public async Task A_wrong_setting_stops_the_start_with_its_name(string setting, string value)
    {
        var database = await servers.CreateDatabaseAsync("device_db");

        var failure = await RefusedStart.ReasonAsync(async () =>
        {
            await using var service = DeviceService.Create(servers, database, "Production", new() { [setting] = value });
            service.CreateClient().Dispose();
        });

        Assert.Contains(setting, Assert.IsType<OptionsValidationException>(failure).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_its_servers_the_service_is_alive_but_not_ready()
    {
        await using var service = new ServiceHost<Program>(new Dictionary<string, string?>
        {
            [$"ConnectionStrings:{ResourceNames.DeviceDatabase}"] = "Host=127.0.0.1;Port=9;Username=nobody;Database=nothing",
            [$"ConnectionStrings:{ResourceNames.Messaging}"] = "amqp://127.0.0.1:9",
            ["ServiceAccount:ClientId"] = ResourceNames.Devices,
            ["ServiceAccount:ClientSecret"] = "a secret of the tests",
        }, "Development");
        using var client = service.CreateClient();

        using var alive = await client.GetAsync(new Uri("/alive", UriKind.Relative));
        using var health = await client.GetAsync(new Uri("/health", UriKind.Relative));

        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
    }

    [Fact]
    public async Task The_model_and_the_migrations_agree()
    {
        await using var service = DeviceService.Create(servers, await servers.CreateDatabaseAsync("device_db"));

        Assert.False(await service.WithAsync(db => Task.FromResult(db.Database.HasPendingModelChanges())));
    }
}
