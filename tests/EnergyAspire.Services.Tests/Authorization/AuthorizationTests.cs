using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;

namespace EnergyAspire.Services.Tests.Authorization;

/// <summary>
/// Every route of every service under every kind of caller. The routes come from the running services, so that a new one without a row
/// fails. Alice owns what the paths name, Bob doesn't. Admins and services that may pass are answered by the route itself: 400 because
/// the body is empty, 404 because the id is nobody's, 503 because the other services aren't here.
/// </summary>
[Collection<RunningServicesCollection>]
public sealed class AuthorizationTests(RunningServices services)
{
    private static readonly Guid Nobody = new("00000000-0000-7000-8000-00000000ffff");

    /// <summary>Route, path to call, and the statuses for: no token, a token that doesn't count, Alice, Bob, an admin, a saga, a replica.</summary>
    private static readonly Row[] Table =
    [
        // Anyone.
        new("GET /health", "/health", 200, 200, 200, 200, 200, 200, 200),
        new("GET /alive", "/alive", 200, 200, 200, 200, 200, 200, 200),
        new("GET /openapi/{documentName}.json", "/openapi/v1.json", 200, 200, 200, 200, 200, 200, 200),
        new("POST /api/auth/login", "/api/auth/login", 400, 400, 400, 400, 400, 400, 400),
        new("POST /api/auth/refresh", "/api/auth/refresh", 400, 400, 400, 400, 400, 400, 400),
        new("POST /connect/token", "/connect/token", 400, 400, 400, 400, 400, 400, 400),
        new("POST /api/auth/register", "/api/auth/register", 400, 400, 400, 400, 400, 400, 400),

        // OpenID Connect. OpenIddict checks these requests by itself: without their parameters they are bad ones, and to userinfo only
        // tokens of Identity's own keys count.
        new("GET /connect/authorize", "/connect/authorize", 400, 400, 400, 400, 400, 400, 400),
        new("POST /connect/authorize", "/connect/authorize", 400, 400, 400, 400, 400, 400, 400),
        new("GET /connect/logout", "/connect/logout", 200, 200, 200, 200, 200, 200, 200),
        new("POST /connect/logout", "/connect/logout", 400, 400, 400, 400, 400, 400, 400),
        new("GET /connect/sign-in", "/connect/sign-in", 200, 200, 200, 200, 200, 200, 200),
        new("POST /connect/sign-in", "/connect/sign-in", 400, 400, 400, 400, 400, 400, 400),
        new("GET /connect/userinfo", "/connect/userinfo", 401, 401, 401, 401, 401, 401, 401),
        new("POST /connect/userinfo", "/connect/userinfo", 401, 401, 401, 401, 401, 401, 401),

        // Identity.
        new("POST /api/auth/keys/rotate", "/api/auth/keys/rotate", 401, 401, 403, 403, 200, 403, 403),
        new("POST /api/auth/logout", "/api/auth/logout", 401, 401, 400, 400, 400, 403, 403),
        new("GET /api/auth/validate", "/api/auth/validate", 401, 401, 200, 200, 200, 403, 403),
        new("GET /api/auth/users", "/api/auth/users", 401, 401, 403, 403, 200, 403, 403),
        new("GET /api/auth/users/{id:guid}", $"/api/auth/users/{DevelopmentData.Alice}", 401, 401, 200, 404, 200, 403, 403),
        new("PUT /api/auth/users/{id:guid}", $"/api/auth/users/{Nobody}", 401, 401, 403, 403, 404, 403, 403),
        new("DELETE /api/auth/users/{id:guid}", $"/api/auth/users/{Nobody}", 401, 401, 403, 403, 404, 403, 403),
        new("PUT /api/auth/users/{id:guid}/lock", $"/api/auth/users/{Nobody}/lock", 401, 401, 403, 403, 404, 403, 403),
        new("DELETE /api/auth/users/{id:guid}/lock", $"/api/auth/users/{Nobody}/lock", 401, 401, 403, 403, 404, 403, 403),
        new("PUT /api/auth/me/password", "/api/auth/me/password", 401, 401, 400, 400, 400, 403, 403),
        new("GET /api/auth/sagas", "/api/auth/sagas", 401, 401, 403, 403, 200, 403, 403),
        new("GET /api/auth/sagas/{id:guid}", $"/api/auth/sagas/{Nobody}", 401, 401, 403, 403, 404, 403, 403),
        new("GET /api/auth/audit", "/api/auth/audit", 401, 401, 403, 403, 200, 403, 403),
        new("GET /internal/users", "/internal/users", 401, 401, 403, 403, 403, 403, 200),

        // Users.
        new("POST /api/users", "/api/users", 401, 401, 403, 403, 403, 400, 403),
        new("GET /api/users", "/api/users", 401, 401, 403, 403, 200, 403, 403),
        new("GET /api/users/{id:guid}", $"/api/users/{DevelopmentData.Alice}", 401, 401, 200, 404, 200, 403, 403),
        new("PUT /api/users/{id:guid}", $"/api/users/{DevelopmentData.Alice}", 401, 401, 200, 404, 200, 403, 403),
        new("DELETE /api/users/{id:guid}", $"/api/users/{Nobody}", 401, 401, 403, 403, 503, 403, 403),
        new("DELETE /api/users/{id:guid}/rollback", $"/api/users/{Nobody}/rollback", 401, 401, 403, 403, 403, 204, 403),
        new("PUT /internal/users/{id:guid}", $"/internal/users/{Nobody}", 401, 401, 403, 403, 403, 400, 403),
        new("DELETE /internal/users/{id:guid}", $"/internal/users/{Nobody}", 401, 401, 403, 403, 403, 400, 403),
        new("GET /api/users/dead-letters", "/api/users/dead-letters", 401, 401, 403, 403, 200, 403, 403),
        new("POST /api/users/dead-letters/replay", "/api/users/dead-letters/replay", 401, 401, 403, 403, 200, 403, 403),
        new("GET /api/users/audit", "/api/users/audit", 401, 401, 403, 403, 200, 403, 403),

        // Devices.
        new("POST /api/devices", "/api/devices", 401, 401, 403, 403, 400, 403, 403),
        new("GET /api/devices", "/api/devices", 401, 401, 200, 200, 200, 403, 403),
        new("GET /api/devices/{id:guid}", $"/api/devices/{DevelopmentData.HeatPump}", 401, 401, 200, 404, 200, 403, 403),
        new("PUT /api/devices/{id:guid}", $"/api/devices/{Nobody}", 401, 401, 403, 403, 404, 403, 403),
        new("DELETE /api/devices/{id:guid}", $"/api/devices/{Nobody}", 401, 401, 403, 403, 404, 403, 403),
        new("PUT /api/devices/{id:guid}/meters", $"/api/devices/{Nobody}/meters", 401, 401, 403, 403, 404, 403, 403),
        new("PUT /api/devices/{id:guid}/tariffs", $"/api/devices/{Nobody}/tariffs", 401, 401, 403, 403, 404, 403, 403),
        // The body is JSON and not CSV.
        new("POST /api/devices/import", "/api/devices/import", 401, 401, 403, 403, 415, 403, 403),
        new("GET /api/devices/import/template", "/api/devices/import/template", 401, 401, 403, 403, 200, 403, 403),
        new("GET /api/devices/dead-letters", "/api/devices/dead-letters", 401, 401, 403, 403, 200, 403, 403),
        new("POST /api/devices/dead-letters/replay", "/api/devices/dead-letters/replay", 401, 401, 403, 403, 200, 403, 403),
        new("GET /api/devices/audit", "/api/devices/audit", 401, 401, 403, 403, 200, 403, 403),
        new("POST /api/devices/users/rebuild", "/api/devices/users/rebuild", 401, 401, 403, 403, 503, 403, 503),
        new("GET /api/tariffs", "/api/tariffs", 401, 401, 200, 200, 200, 403, 403),
        new("GET /api/tariffs/{id:guid}", $"/api/tariffs/{Nobody}", 401, 401, 404, 404, 404, 403, 403),
        new("POST /api/tariffs", "/api/tariffs", 401, 401, 403, 403, 400, 403, 403),
        new("PUT /api/tariffs/{id:guid}", $"/api/tariffs/{Nobody}", 401, 401, 403, 403, 404, 403, 403),
        new("DELETE /api/tariffs/{id:guid}", $"/api/tariffs/{Nobody}", 401, 401, 403, 403, 404, 403, 403),
        new("GET /api/mappings", "/api/mappings", 401, 401, 200, 200, 200, 403, 403),
        new("GET /api/mappings/user/{user_id:guid}/devices", $"/api/mappings/user/{DevelopmentData.Alice}/devices", 401, 401, 200, 404, 200, 403, 403),
        new("POST /api/mappings/assign", "/api/mappings/assign", 401, 401, 403, 403, 400, 403, 403),
        new("PUT /api/mappings/{user_id:guid}/{device_id:guid}", $"/api/mappings/{Nobody}/{Nobody}", 401, 401, 403, 403, 404, 403, 403),
        new("DELETE /api/mappings/unassign/{device_id:guid}", $"/api/mappings/unassign/{Nobody}", 401, 401, 403, 403, 404, 403, 403),
        new("DELETE /api/mappings/{user_id:guid}/{device_id:guid}", $"/api/mappings/{Nobody}/{Nobody}", 401, 401, 403, 403, 404, 403, 403),
        new("DELETE /internal/users/{id:guid}/rollback", $"/internal/users/{Nobody}/rollback", 401, 401, 403, 403, 403, 400, 403),
        new("GET /internal/devices", "/internal/devices", 401, 401, 403, 403, 403, 403, 200),
        new("GET /internal/mappings", "/internal/mappings", 401, 401, 403, 403, 403, 403, 200),
        new("GET /internal/tariffs", "/internal/tariffs", 401, 401, 403, 403, 403, 403, 200),

        // Monitoring. A device that isn't the caller's looks absent.
        new("GET /api/monitoring/measurements", $"/api/monitoring/measurements?device_id={DevelopmentData.HeatPump}", 401, 401, 200, 404, 200, 403, 403),
        new("GET /api/monitoring/hourly/daily", $"/api/monitoring/hourly/daily?device_id={DevelopmentData.HeatPump}", 401, 401, 200, 404, 200, 403, 403),
        new("GET /api/monitoring/hourly/range", $"/api/monitoring/hourly/range?device_id={DevelopmentData.HeatPump}&start_date=2026-01-01&end_date=2026-01-02", 401, 401, 200, 404, 200, 403, 403),
        new("GET /api/monitoring/balance", $"/api/monitoring/balance?device_id={DevelopmentData.HeatPump}&start_date=2026-01-01&end_date=2026-01-02", 401, 401, 200, 404, 200, 403, 403),
        new("GET /api/monitoring/statement", $"/api/monitoring/statement?month=2026-01&device_id={DevelopmentData.HeatPump}", 401, 401, 200, 404, 200, 403, 403),
        new("GET /api/monitoring/forecast", $"/api/monitoring/forecast?device_id={DevelopmentData.HeatPump}", 401, 401, 200, 404, 200, 403, 403),
        new("GET /api/monitoring/budgets", "/api/monitoring/budgets", 401, 401, 200, 200, 200, 403, 403),
        // Nobody has set one; the empty body is bad only for who may see the device.
        new("GET /api/monitoring/budgets/{device_id:guid}", $"/api/monitoring/budgets/{DevelopmentData.HeatPump}", 401, 401, 404, 404, 404, 403, 403),
        new("PUT /api/monitoring/budgets/{device_id:guid}", $"/api/monitoring/budgets/{DevelopmentData.HeatPump}", 401, 401, 400, 404, 400, 403, 403),
        new("DELETE /api/monitoring/budgets/{device_id:guid}", $"/api/monitoring/budgets/{DevelopmentData.HeatPump}", 401, 401, 204, 404, 204, 403, 403),
        new("GET /api/monitoring/devices", "/api/monitoring/devices", 401, 401, 200, 200, 200, 403, 403),
        new("GET /api/monitoring/users", "/api/monitoring/users", 401, 401, 403, 403, 200, 403, 403),
        new("GET /api/monitoring/alerts", "/api/monitoring/alerts", 401, 401, 200, 200, 200, 403, 403),
        new("POST /api/monitoring/alerts/{id:guid}/acknowledge", $"/api/monitoring/alerts/{Nobody}/acknowledge", 401, 401, 404, 404, 404, 403, 403),
        new("POST /api/monitoring/readings/import", "/api/monitoring/readings/import", 401, 401, 403, 403, 415, 403, 403),
        new("GET /api/monitoring/readings/import/template", "/api/monitoring/readings/import/template", 401, 401, 403, 403, 200, 403, 403),
        new("GET /api/monitoring/ledger", "/api/monitoring/ledger", 401, 401, 403, 403, 200, 403, 403),
        new("POST /api/monitoring/ledger/repair", "/api/monitoring/ledger/repair", 401, 401, 403, 403, 400, 403, 403),
        new("GET /api/monitoring/quarantine", "/api/monitoring/quarantine", 401, 401, 403, 403, 200, 403, 403),
        new("GET /api/monitoring/quarantine/summary", "/api/monitoring/quarantine/summary", 401, 401, 403, 403, 200, 403, 403),
        new("POST /api/monitoring/quarantine/{id:guid}/replay", $"/api/monitoring/quarantine/{Nobody}/replay", 401, 401, 403, 403, 404, 403, 403),
        new("POST /api/monitoring/quarantine/{id:guid}/discard", $"/api/monitoring/quarantine/{Nobody}/discard", 401, 401, 403, 403, 404, 403, 403),
        new("POST /api/monitoring/quarantine/{id:guid}/accept", $"/api/monitoring/quarantine/{Nobody}/accept", 401, 401, 403, 403, 400, 403, 403),
        new("POST /api/monitoring/quarantine/replay", "/api/monitoring/quarantine/replay", 401, 401, 403, 403, 400, 403, 403),
        new("POST /api/monitoring/quarantine/discard", "/api/monitoring/quarantine/discard", 401, 401, 403, 403, 400, 403, 403),
        new("GET /api/monitoring/silent-devices", "/api/monitoring/silent-devices", 401, 401, 403, 403, 200, 403, 403),
        new("GET /api/monitoring/dead-letters", "/api/monitoring/dead-letters", 401, 401, 403, 403, 200, 403, 403),
        new("POST /api/monitoring/dead-letters/replay", "/api/monitoring/dead-letters/replay", 401, 401, 403, 403, 200, 403, 403),
        new("GET /api/monitoring/audit", "/api/monitoring/audit", 401, 401, 403, 403, 200, 403, 403),
        // A hub: who may come in gets no further without a socket.
        new("GET /api/monitoring/live", "/api/monitoring/live", 401, 401, 400, 400, 400, 403, 403),
        new("GET /api/monitoring/live/negotiate", "/api/monitoring/live/negotiate", 401, 401, 405, 405, 405, 403, 403),
        new("POST /api/monitoring/replicas/rebuild", "/api/monitoring/replicas/rebuild", 401, 401, 403, 403, 503, 403, 503),
    ];

    [Fact]
    public void Every_route_has_a_row_and_every_row_a_route()
    {
        var routes = services.Routes.Select(route => route.Route).ToHashSet(StringComparer.Ordinal);
        var rows = Table.Select(row => row.Route).ToHashSet(StringComparer.Ordinal);

        Assert.Equal([], routes.Except(rows).Order());
        Assert.Equal([], rows.Except(routes).Order());
    }

    [Fact]
    public async Task Every_route_answers_every_caller_as_the_table_says()
    {
        await ReplicasHaveComeAsync();
        var differences = new List<string>();
        foreach (var (route, client) in services.Routes)
        {
            if (Array.Find(Table, row => row.Route == route) is not { } row)
                continue;

            foreach (var caller in Enum.GetValues<Caller>())
            {
                var (status, body) = await AskAsync(client, row, caller);
                if (status is 401 or 403 && !IsExplained(row.Path, body))
                    differences.Add($"{route} as {caller}: {status} without detail and error: {body}");
                if (status != row.Expected(caller))
                    differences.Add($"{route} as {caller}: {status}, not {row.Expected(caller)}");
            }
        }

        Assert.True(differences.Count == 0, string.Join(Environment.NewLine, differences));
    }

    /// <summary>Until the first events have come, a service knows of no account whose tokens could be too old, and of no device.</summary>
    private async Task ReplicasHaveComeAsync()
    {
        foreach (var path in new[] { "/api/auth/validate", "/api/users", "/api/devices", "/api/monitoring/devices" })
        {
            var client = services.Routes.First(route => route.Route == $"GET {path}").Client;
            await Eventually.TrueAsync(
                async () => await CallAsync(client, new Row($"GET {path}", path), Caller.BeforeRoleChange) == 401, $"{path} knows of the admin's new tokens");
        }

        var monitoring = Table.Single(row => row.Route == "GET /api/monitoring/hourly/daily");
        await Eventually.TrueAsync(
            async () => await CallAsync(services.Routes.First(route => route.Route == monitoring.Route).Client, monitoring, Caller.Client) == 200,
            "Monitoring knows Alice's heat pump");
    }

    private static async Task<int> CallAsync(HttpClient client, Row row, Caller caller) => (await AskAsync(client, row, caller)).Status;

    /// <summary>Whether a refusal says in a sentence why, in both of the fields that clients read.</summary>
    private static bool IsExplained(string path, string body)
    {
        // RFC 6750 has the error of userinfo in the header WWW-Authenticate.
        if (path == "/connect/userinfo")
            return true;

        using var problem = JsonDocument.Parse(body.Length == 0 ? "{}" : body);
        return problem.RootElement.TryGetProperty("detail", out var detail) && problem.RootElement.TryGetProperty("error", out var error)
            && detail.GetString() is [.., '.' or '!'] sentence && error.GetString() == sentence;
    }

    private static async Task<(int Status, string Body)> AskAsync(HttpClient client, Row row, Caller caller)
    {
        using var request = new HttpRequestMessage(new HttpMethod(row.Route.Split(' ')[0]), new Uri(row.Path, UriKind.Relative));
        if (request.Method == HttpMethod.Post || request.Method == HttpMethod.Put)
            request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
        if (caller.Token() is { } token)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await client.SendAsync(request);

        return ((int)answer.StatusCode, answer.StatusCode == HttpStatusCode.OK ? "" : await answer.Content.ReadAsStringAsync());
    }

    private sealed record Row(string Route, string Path, params int[] Statuses)
    {
        public int Expected(Caller caller) => Statuses[caller switch
        {
            Caller.Anonymous => 0,
            Caller.Client => 2,
            Caller.OtherClient => 3,
            Caller.Admin => 4,
            Caller.SagaService => 5,
            Caller.ReplicaService => 6,
            _ => 1,
        }];
    }
}
