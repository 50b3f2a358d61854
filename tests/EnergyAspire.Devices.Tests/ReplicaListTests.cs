using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.Testing;

namespace EnergyAspire.Devices.Tests;

public sealed class ReplicaListTests(ChangingService service) : IClassFixture<ChangingService>
{
    [Fact]
    public async Task Replicas_get_every_device_and_every_mapping_that_stands_with_its_version()
    {
        var (user, other) = (await service.NewUserAsync(), await service.NewUserAsync());
        Guid[] devices = [await service.NewDeviceAsync("One"), await service.NewDeviceAsync("Two"), await service.NewDeviceAsync("Three"), await service.NewDeviceAsync("Gone")];
        foreach (var device in devices)
            await service.AssignAsync(user, device);
        await service.AssignAsync(other, devices[0]);
        await service.ChangeAsync(HttpMethod.Put, devices[1], new { price = 0.25m });
        await service.ChangeAsync(HttpMethod.Delete, devices[3]);
        await service.Admin.DeleteAsync(new Uri($"/api/mappings/{other}/{devices[0]}", UriKind.Relative));
        await service.AssignAsync(other, devices[0]);
        await service.Admin.DeleteAsync(new Uri($"/api/mappings/{user}/{devices[2]}", UriKind.Relative));

        var listed = await ListAsync("/internal/devices?limit=1");
        Assert.Equal(
            [("One", 1), ("Two", 2), ("Three", 1)],
            listed.Select(device => (device.GetProperty("name").GetString(), device.GetProperty("version").GetInt64())));
        Assert.Equal(devices[..3], listed.Select(device => device.GetProperty("id").GetGuid()));
        Assert.Equal(
            ["description", "direction", "exists_from", "feed_in_of", "id", "max_consumption", "meters", "name", "price", "register_digits", "reporting_interval_seconds", "settings", "tariffs", "time_zone", "version"],
            listed[0].EnumerateObject().Select(field => field.Name).Order());

        var mappings = await ListAsync("/internal/mappings?limit=2");
        Assert.Equal(
            new[] { (user, devices[0], 1L), (user, devices[1], 1), (other, devices[0], 3) }.Order(),
            mappings.Select(mapping => (
                mapping.GetProperty("user_id").GetGuid(), mapping.GetProperty("device_id").GetGuid(), mapping.GetProperty("version").GetInt64())).Order());
        Assert.All(mappings, mapping => Assert.True(mapping.GetProperty("is_assigned").GetBoolean()));
        Assert.Equal(["device_id", "is_assigned", "periods", "user_id", "version"], mappings[0].EnumerateObject().Select(field => field.Name).Order());
    }

    private async Task<List<JsonElement>> ListAsync(string path)
    {
        using var replica = service.Host.ClientWith(TestTokens.ForReplica());
        var rows = new List<JsonElement>();
        for (var next = path; next is not null;)
        {
            using var answer = await replica.GetAsync(new Uri(next, UriKind.Relative));
            rows.AddRange((await answer.Content.ReadFromJsonAsync<List<JsonElement>>())!);
            next = answer.Headers.TryGetValues("Link", out var links) ? links.Single().Split('<', '>')[1] : null;
        }

        return rows;
    }
}
