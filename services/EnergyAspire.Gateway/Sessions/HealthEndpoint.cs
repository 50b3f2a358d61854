using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EnergyAspire.Gateway.Sessions;

/// <summary>How a service is.</summary>
/// <param name="Name">Service: <c>identity</c>, <c>users</c>, <c>devices</c> or <c>monitoring</c>.</param>
/// <param name="State"><c>ready</c>; <c>waiting</c> for its database, the message broker or another service; <c>away</c> when it gives no answer.</param>
/// <param name="Reasons">What it waits for, in sentences.</param>
public sealed record ServiceHealthResponse(string Name, string State, IReadOnlyList<string> Reasons);

/// <summary>What the services say of themselves; from outside only an admin is told.</summary>
public static class HealthEndpoint
{
    /// <summary>Name of the client that asks.</summary>
    public const string Client = "health";

    /// <summary>How long an answer is waited for.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private static readonly string[] Services = [ResourceNames.Identity, ResourceNames.Users, ResourceNames.Devices, ResourceNames.Monitoring];

    internal static void MapHealth(this RouteGroupBuilder session) => session.MapGet("/health", GetHealth).WithName(nameof(GetHealth));

    /// <summary>Tells an admin how each service is, and what it waits for; nobody else is told of any.</summary>
    public static async Task<Ok<ServiceHealthResponse[]>> GetHealth(
        SessionRenewal renewal, IHttpClientFactory clients, HttpContext http, CancellationToken cancel) =>
        TypedResults.Ok((await renewal.CurrentAsync(http))?.User.Role == Roles.Admin
            ? await Task.WhenAll(Services.Select(service => AskAsync(service, clients, cancel)))
            : []);

    private static async Task<ServiceHealthResponse> AskAsync(string service, IHttpClientFactory clients, CancellationToken cancel)
    {
        try
        {
            using var answer = await clients.CreateClient(Client).GetAsync(new Uri($"http://{service}/health"), cancel);
            if (answer.IsSuccessStatusCode)
                return new ServiceHealthResponse(service, "ready", []);

            // The first line is the sum of the others.
            var lines = (await answer.Content.ReadAsStringAsync(cancel)).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            return new ServiceHealthResponse(service, "waiting", [.. lines.Skip(1)]);
        }
        catch (Exception failure) when (failure is HttpRequestException || (failure is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return new ServiceHealthResponse(service, "away", []);
        }
    }
}
