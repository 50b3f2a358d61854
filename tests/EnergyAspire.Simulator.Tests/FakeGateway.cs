using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using EnergyAspire.Monitoring.Hours;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace EnergyAspire.Simulator.Tests;

/// <summary>Answers as the public API does, over real HTTP.</summary>
internal sealed class FakeGateway : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _requests;
    private int _looks;

    private FakeGateway(WebApplication app) => _app = app;

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    /// <summary>Created devices as they were asked for.</summary>
    public ConcurrentDictionary<Guid, JsonObject> Devices { get; } = [];

    /// <summary>Hours that have readings; the others show zero.</summary>
    public ConcurrentDictionary<(Guid Device, DateTimeOffset Start), (decimal Consumption, int Readings)> Hours { get; } = [];

    /// <summary>One in so many requests is refused for haste; 0 for none.</summary>
    public int RefusedEvery { get; set; }

    /// <summary>After so many created devices the service fails.</summary>
    public int FailsAfter { get; set; } = int.MaxValue;

    /// <summary>How often the hours of a device were asked for before the last one was stored.</summary>
    public int LateLooks { get; set; }

    public static async Task<FakeGateway> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRouting();
        var app = builder.Build();
        var gateway = new FakeGateway(app);
        app.Use(gateway.GuardAsync);
        app.UseRouting();
        app.UseEndpoints(_ => { });
        app.MapPost("/api/auth/login", (JsonObject account) => account["username"]!.GetValue<string>() == "admin" && account["password"]!.GetValue<string>() == "secret"
            ? Results.Json(new { message = "Signed in.", tokens = new { access = "token", refresh = "x", expires_in = 18000 } })
            : Results.Problem("No.", statusCode: 401));
        app.MapPost("/api/devices", gateway.Create);
        app.MapGet("/api/monitoring/devices", gateway.List);
        app.MapGet("/api/monitoring/hourly/range", gateway.Range);
        await app.StartAsync();

        return gateway;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task GuardAsync(HttpContext http, RequestDelegate next)
    {
        if (RefusedEvery > 0 && Interlocked.Increment(ref _requests) % RefusedEvery == 0)
        {
            http.Response.StatusCode = 429;
            http.Response.Headers.RetryAfter = "0";
        }
        else if (http.Request.Path != "/api/auth/login" && http.Request.Headers.Authorization != "Bearer token")
        {
            http.Response.StatusCode = 401;
        }
        else
        {
            await next(http);
        }
    }

    private IResult Create(JsonObject device)
    {
        if (Devices.Count >= FailsAfter)
            return Results.Problem("Broken.", statusCode: 500);

        var id = Guid.CreateVersion7();
        Devices[id] = device;
        device["id"] = id;
        return Results.Json(new { message = "Created.", device }, statusCode: 201);
    }

    /// <summary>Pages of two; the events of devices take their time to arrive.</summary>
    private IResult List(HttpContext http, int page = 0)
    {
        if (Interlocked.Increment(ref _looks) <= LateLooks)
            return Results.Json(Array.Empty<object>());

        var ids = Devices.Keys.Order().Skip(2 * page).Take(2).ToList();
        if (ids.Count == 2)
            http.Response.Headers.Link = $"</api/monitoring/devices?page={page + 1}>; rel=\"next\"";
        return Results.Json(ids.Select(id => new { id }));
    }

    private IResult Range(Guid device_id, string start_date, string end_date, string granularity)
    {
        if (granularity != "hour" || Interlocked.Increment(ref _looks) <= LateLooks)
            return Results.Json(new { data = Array.Empty<object>() });

        var zone = TimeZoneInfo.FindSystemTimeZoneById(Devices[device_id]["time_zone"]!.GetValue<string>());
        var last = Date(end_date);
        var data = new List<object>();
        for (var date = Date(start_date); date <= last; date = date.AddDays(1))
        {
            foreach (var start in SiteClock.HoursOf(date, zone))
            {
                var local = TimeZoneInfo.ConvertTime(start, zone);
                var (consumption, readings) = Hours.GetValueOrDefault((device_id, start));
                data.Add(new { hour = local.Hour, start = local, total_consumption = consumption, measurement_count = readings, expected_count = 6 });
            }
        }

        return Results.Json(new { device_id, start_date, end_date, data, total_consumption = 0 });
    }

    private static DateOnly Date(string text) => DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture);
}
