using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.ServiceDefaults;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace EnergyAspire.Devices.Tests;

public sealed class AuditTests(ChangingService service) : IClassFixture<ChangingService>
{
    [Fact]
    public async Task The_life_of_a_device_is_told_with_before_and_after()
    {
        using var admin = service.Host.ClientOf(DevelopmentData.Admin);
        admin.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.7");
        using var created = await admin.PostAsJsonAsync("/api/devices", new { name = "Oven", max_consumption = 2 });
        var id = (await created.JsonAsync()).GetProperty("device").GetProperty("id").GetGuid();
        var user = await service.NewUserAsync();
        await admin.PutAsJsonAsync($"/api/devices/{id}", new { name = "Stove" });
        await admin.PostAsJsonAsync("/api/mappings/assign", new { user_id = user, device_id = id });
        await admin.PostAsJsonAsync("/api/mappings/assign", new { user_id = user, device_id = id });
        await admin.DeleteAsync(new Uri($"/api/devices/{id}", UriKind.Relative));

        var records = await service.AuditAsync($"device_id={id}");

        // The newest first; what happened in one transaction has no order.
        Assert.Equal(
            ["device_assigned", "device_created", "device_deleted", "device_unassigned", "device_updated"],
            records.Select(record => record.GetProperty("action").GetString()!).Order(StringComparer.Ordinal));
        Assert.Equal("device_created", records[^1].GetProperty("action").GetString());
        Assert.All(records, record => Assert.Equal(
            (DevelopmentData.Admin, "admin", "203.0.113.7"),
            (record.GetProperty("actor_id").GetGuid(), record.GetProperty("actor").GetString(), record.GetProperty("address").GetString())));
        JsonElement Of(string action) => records.Single(record => record.GetProperty("action").GetString() == action);
        var (updated, deleted) = (Of("device_updated"), Of("device_deleted"));
        Assert.Equal(("Oven", "Stove"), (NameIn(updated, "before"), NameIn(updated, "after")));
        Assert.Equal("Oven", NameIn(Of("device_created"), "after"));
        Assert.Equal(JsonValueKind.Null, Of("device_created").GetProperty("before").ValueKind);
        Assert.Equal(("Stove", JsonValueKind.Null), (NameIn(deleted, "before"), deleted.GetProperty("after").ValueKind));
        Assert.Equal(user, Of("device_assigned").GetProperty("user_id").GetGuid());
        Assert.Equal(
            Of("device_assigned").GetProperty("after").GetProperty("id").GetGuid(), Of("device_unassigned").GetProperty("before").GetProperty("id").GetGuid());
        Assert.Equal(["device_unassigned", "device_assigned"], (await service.AuditAsync($"user_id={user}")).Select(record => record.GetProperty("action").GetString()));
        Assert.Empty(await service.AuditAsync($"user_id={user}&to=2020-01-01T00:00:00Z"));
    }

    [Fact]
    public async Task Records_are_found_by_who_did_it()
    {
        var device = await service.NewDeviceAsync();

        Assert.Equal(
            ["device_created"],
            (await service.AuditAsync($"actor_id={DevelopmentData.Admin}&device_id={device}")).Select(record => record.GetProperty("action").GetString()));
        Assert.Empty(await service.AuditAsync($"actor_id={DevelopmentData.Alice}&device_id={device}"));
        using var admin = service.Host.ClientOf(DevelopmentData.Admin);
        using var wrong = await admin.GetAsync(new Uri("/api/devices/audit?actor_id=me", UriKind.Relative));
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.True((await wrong.JsonAsync()).GetProperty("errors").TryGetProperty("actor_id", out _));
    }

    [Fact]
    public async Task What_a_saga_does_is_told_in_the_name_of_its_service()
    {
        var (user, device, saga) = (await service.NewUserAsync(), await service.NewDeviceAsync(), Guid.NewGuid());
        await service.AssignAsync(user, device);
        await service.StepAsync(HttpMethod.Delete, user, saga);
        await service.StepAsync(HttpMethod.Delete, user, saga, path: "/rollback");

        var records = await service.AuditAsync($"user_id={user}");

        Assert.Equal(
            [("device_assigned", "identity"), ("device_unassigned", "identity"), ("device_assigned", "admin")],
            records.Select(record => (record.GetProperty("action").GetString(), record.GetProperty("actor").GetString())));
        Assert.Equal(JsonValueKind.Null, records[0].GetProperty("actor_id").ValueKind);
    }

    [Fact]
    public async Task Records_can_only_be_added()
    {
        await service.NewDeviceAsync();

        foreach (var change in (string[])["delete from audit_records", "update audit_records set actor = 'nobody'", "truncate audit_records"])
            await Assert.ThrowsAsync<PostgresException>(() => service.Host.WithAsync(db => db.Database.ExecuteSqlRawAsync(change)));
    }

    private static string? NameIn(JsonElement record, string state) => record.GetProperty(state).GetProperty("name").GetString();
}
