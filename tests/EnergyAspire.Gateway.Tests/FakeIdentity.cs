using System.Collections.Concurrent;
using System.Text.Json;
using EnergyAspire.ServiceDefaults;
using Microsoft.AspNetCore.Http;

namespace EnergyAspire.Gateway.Tests;

/// <summary>Signs in alice with the password "right" and registers her with any but "taken"; its refresh tokens work once.</summary>
public sealed class FakeIdentity(FakeService service)
{
    private readonly ConcurrentDictionary<string, bool> _refreshTokens = new();
    private int _issued;
    private int _refreshes;

    public int ExpiresIn { get; set; } = 5 * 60 * 60;

    public int Refreshes => _refreshes;

    public ConcurrentQueue<string> LoggedOut { get; } = new();

    public bool RefusesTokens { get; set; }

    public string Role { get; set; } = "client";

    /// <summary>Name that the account has by now; null when Identity doesn't say.</summary>
    public string? PresentName { get; set; }

    /// <summary>Cookies that came with sign-ins.</summary>
    public ConcurrentQueue<string> Cookies { get; } = new();

    /// <summary>Cookie that a sign-in sets; null when none.</summary>
    public string? SetsCookie { get; set; }

    /// <summary>How long a registration's saga takes.</summary>
    public TimeSpan Saga { get; set; }

    public FakeService Service => service;

    public void Attach() => service.Answer = AnswerAsync;

    public Task AnswerAsync(HttpContext http) => http.Request.Path.Value switch
    {
        "/api/auth/login" => LoginAsync(http),
        "/api/auth/register" => RegisterAsync(http),
        "/api/auth/refresh" => RefreshAsync(http),
        "/api/auth/logout" => LogoutAsync(http),
        "/api/auth/validate" => RefusesTokens ? ProblemAsync(http, 401, "The token doesn't work.") : http.Response.WriteAsJsonAsync(PresentName is null ? (object)new { valid = true } : new { valid = true, user = new { id = DevelopmentData.Alice, username = PresentName, role = Role } }),
        _ => http.Response.WriteAsJsonAsync(new { service = "identity", path = http.Request.Path.Value }),
    };

    private async Task LoginAsync(HttpContext http)
    {
        Cookies.Enqueue(http.Request.Headers.Cookie.ToString());
        if (SetsCookie is not null)
            http.Response.Headers.SetCookie = SetsCookie;
        var body = await http.Request.ReadFromJsonAsync<JsonElement>();
        switch (body.GetProperty("password").GetString())
        {
            case "right":
                await http.Response.WriteAsJsonAsync(new { message = "Signed in.", tokens = Issue() });
                break;
            case "locked":
                http.Response.Headers.RetryAfter = "290";
                await ProblemAsync(http, 429, "Too many failures.");
                break;
            default:
                await ProblemAsync(http, 401, "The username or the password is wrong.");
                break;
        }
    }

    private async Task RegisterAsync(HttpContext http)
    {
        await Task.Delay(Saga, http.RequestAborted);
        var body = await http.Request.ReadFromJsonAsync<JsonElement>();
        if (RefusesTokens && http.Request.Headers.Authorization.Count > 0)
        {
            await ProblemAsync(http, 401, "The token doesn't work.");
        }
        else if (body.GetProperty("password").GetString() == "taken")
        {
            await ProblemAsync(http, 409, "The username is taken.");
        }
        else
        {
            http.Response.StatusCode = StatusCodes.Status201Created;
            await http.Response.WriteAsJsonAsync(new { message = "Registered.", tokens = Issue() });
        }
    }

    private async Task RefreshAsync(HttpContext http)
    {
        Interlocked.Increment(ref _refreshes);
        // Long enough for other requests to come meanwhile.
        await Task.Delay(100);
        var refresh = (await http.Request.ReadFromJsonAsync<JsonElement>()).GetProperty("refresh").GetString()!;
        if (!RefusesTokens && _refreshTokens.TryRemove(refresh, out _))
            await http.Response.WriteAsJsonAsync(new { tokens = Issue() });
        else
            await ProblemAsync(http, 401, "The refresh token doesn't work.");
    }

    private async Task LogoutAsync(HttpContext http)
    {
        LoggedOut.Enqueue((await http.Request.ReadFromJsonAsync<JsonElement>()).GetProperty("refresh").GetString()!);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private object Issue()
    {
        var number = Interlocked.Increment(ref _issued);
        _refreshTokens[$"refresh-{number}"] = true;

        return new
        {
            access = $"access-{number}",
            refresh = $"refresh-{number}",
            expires_in = ExpiresIn,
            user = new { id = DevelopmentData.Alice, username = "alice", role = Role },
        };
    }

    private static Task ProblemAsync(HttpContext http, int status, string detail) =>
        TypedResults.Problem(detail, statusCode: status).ExecuteAsync(http);
}
