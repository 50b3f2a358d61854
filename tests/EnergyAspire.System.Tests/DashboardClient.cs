using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace EnergyAspire.System.Tests;

/// <summary>A span as the dashboard holds it.</summary>
/// <param name="Resource">Service that wrote it.</param>
/// <param name="Name">Operation.</param>
/// <param name="TraceId">Trace, 32 hexadecimal digits.</param>
/// <param name="IsDatabaseCall">Whether it is an SQL call.</param>
public sealed record TracedSpan(string Resource, string Name, string TraceId, bool IsDatabaseCall);

/// <summary>Reads the traces that the Aspire dashboard has received.</summary>
public sealed class DashboardClient(HttpClient http)
{
    public static DashboardClient Of(DistributedApplication app)
    {
        var http = new HttpClient { BaseAddress = app.GetEndpoint("aspire-dashboard", "http") };
        http.DefaultRequestHeaders.Add("x-api-key", app.Services.GetRequiredService<IConfiguration>()["AppHost:DashboardApiKey"]);

        return new DashboardClient(http);
    }

    /// <summary>Returns the spans of a trace; none while the dashboard doesn't have it.</summary>
    public Task<IReadOnlyList<TracedSpan>> TraceAsync(string traceId) => ReadAsync($"/api/telemetry/traces/{traceId}");

    /// <summary>Returns the spans of the newest traces that a resource takes part in.</summary>
    public Task<IReadOnlyList<TracedSpan>> TracesOfAsync(string resource) => ReadAsync($"/api/telemetry/traces?resource={resource}&limit=50");

    private async Task<IReadOnlyList<TracedSpan>> ReadAsync(string path)
    {
        using var response = await http.GetAsync(new Uri(path, UriKind.Relative));
        if (response.StatusCode == HttpStatusCode.NotFound)
            return [];

        response.EnsureSuccessStatusCode();
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();

        return [.. from resourceSpans in answer.GetProperty("data").GetProperty("resourceSpans").EnumerateArray()
                   let resource = Attribute(resourceSpans.GetProperty("resource"), "service.name") ?? ""
                   from scope in resourceSpans.GetProperty("scopeSpans").EnumerateArray()
                   from span in scope.GetProperty("spans").EnumerateArray()
                   select new TracedSpan(
                       resource,
                       span.GetProperty("name").GetString()!,
                       span.GetProperty("traceId").GetString()!,
                       (Attribute(span, "db.system.name") ?? Attribute(span, "db.system")) is not null)];
    }

    private static string? Attribute(JsonElement holder, string key) =>
        holder.TryGetProperty("attributes", out var attributes)
            ? attributes.EnumerateArray()
                .Where(attribute => attribute.GetProperty("key").GetString() == key)
                .Select(attribute => attribute.GetProperty("value").GetProperty("stringValue").GetString())
                .FirstOrDefault()
            : null;
}
