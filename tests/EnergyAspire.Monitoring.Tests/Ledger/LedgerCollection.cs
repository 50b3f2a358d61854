using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json;
using EnergyAspire.ServiceDefaults;

namespace EnergyAspire.Monitoring.Tests.Ledger;

// A service of their own, because these tests count everything, and others put hours where no reading is.
[CollectionDefinition]
public sealed class LedgerCollection : ICollectionFixture<MonitoringFixture>;

/// <summary>What an admin asks and does.</summary>
public static class AdminCalls
{
    public static async Task<HttpResponseMessage> PostAsync(this MonitoringFixture monitoring, string path, object? body = null)
    {
        using var admin = monitoring.Service.ClientOf(DevelopmentData.Admin);
        return await admin.PostAsJsonAsync($"/api/monitoring/{path}", body ?? new { }, TestContext.Current.CancellationToken);
    }

    public static async Task<JsonElement> DoAsync(this MonitoringFixture monitoring, string path, object? body = null)
    {
        using var answer = (await monitoring.PostAsync(path, body)).EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
    }

    public static async Task<List<JsonElement>> ListAsync(this MonitoringFixture monitoring, string path)
    {
        using var admin = monitoring.Service.ClientOf(DevelopmentData.Admin);
        return (await admin.GetFromJsonAsync<List<JsonElement>>($"/api/monitoring/{path}", TestContext.Current.CancellationToken))!;
    }

    /// <summary>The names of the fields that an answer says are wrong.</summary>
    public static async Task<string[]> ErrorsAsync(this HttpResponseMessage answer)
    {
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        return [.. problem.GetProperty("errors").EnumerateObject().Select(field => field.Name)];
    }

    public static string Text(this JsonElement element, string property) => element.GetProperty(property).GetString()!;

    /// <summary>Has the ledger verified and reads the events to the last.</summary>
    public static async Task<List<(string Type, JsonElement Data)>> VerifyAsync(this MonitoringFixture monitoring, string range = "")
    {
        using var admin = monitoring.Service.ClientOf(DevelopmentData.Admin);
        await using var stream = await admin.GetStreamAsync($"/api/monitoring/ledger?verify=true{range}", TestContext.Current.CancellationToken);
        var events = new List<(string, JsonElement)>();
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(TestContext.Current.CancellationToken))
            events.Add((item.EventType, JsonElement.Parse(item.Data)));

        return events;
    }
}
