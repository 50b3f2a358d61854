using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EnergyAspire.Gateway.Sessions;

/// <summary>Health of a service.</summary>
/// <param name="Name">Service: <c>identity</c>, <c>users</c>, <c>devices</c> or <c>monitoring</c>.</param>
/// <param name="State"><c>ready</c>; <c>waiting</c> for its database, the broker or another service; <c>away</c> when it doesn't answer.</param>
/// <param name="Reasons">What it waits for, as sentences.</param>
public sealed record ServiceHealthResponse(string Name, string State, IReadOnlyList<string> Reasons);

/// <summary>The endpoint that shows the health of the services to admins.</summary>
public static class HealthEndpoint
{
    /// <summary>Name of the HTTP client for health requests.</summary>
    public const string Client = "health";

    /// <summary>Timeout of a health request.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private static readonly string[] Services = [ResourceNames.Identity, ResourceNames.Users, ResourceNames.Devices, ResourceNames.Monitoring];

    internal static void MapHealth(this RouteGroupBuilder session) => session.MapGet("/health", GetHealth).WithName(nameof(GetHealth));

    /// <summary>Returns the health of each service to an admin, and an empty list to other callers.</summary>
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

            // The first line is the overall status; the others are the reasons.
            var lines = (await answer.Content.ReadAsStringAsync(cancel)).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            return new ServiceHealthResponse(service, "waiting", [.. lines.Skip(1)]);
        }
        catch (Exception failure) when (failure is HttpRequestException || (failure is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return new ServiceHealthResponse(service, "away", []);
        }
    }
}
