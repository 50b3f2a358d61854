using System.Globalization;
using EnergyAspire.Contracts;
using EnergyAspire.Messaging;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EnergyAspire.Devices.Tests;

/// <summary>Stands in for Identity: gives service tokens and lists accounts in small pages.</summary>
internal sealed class FakeIdentity : IAsyncDisposable
{
    private const int PageSize = 2;
    private readonly WebApplication _app;

    private FakeIdentity()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapPost("/connect/token", async (HttpRequest request) =>
        {
            var form = await request.ReadFormAsync();
            return Results.Json(new Dictionary<string, object> { ["access_token"] = $"{form["client_id"]} {form["scope"]}", ["expires_in"] = 300 });
        });
        _app.MapGet("/internal/users", GetUsersAsync);
    }

    /// <summary>Accounts, by id.</summary>
    public List<UserState> Users { get; } = [];

    /// <summary>Called before a page is sent, with its number from 0; answers with a status to refuse it.</summary>
    public Func<int, Task<int?>> BeforePage { get; set; } = _ => Task.FromResult<int?>(null);

    /// <summary>Configuration of a service that is to find it.</summary>
    public Dictionary<string, string?> Settings => new() { ["services:identity:http:0"] = _app.Urls.Single() };

    public static async Task<FakeIdentity> StartAsync()
    {
        var identity = new FakeIdentity();
        await identity._app.StartAsync();

        return identity;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task<IResult> GetUsersAsync(HttpContext http, string? after)
    {
        if (http.Request.Headers.Authorization != "Bearer devices replica")
            return Results.Unauthorized();

        var number = int.Parse(after ?? "0", CultureInfo.InvariantCulture);
        if (await BeforePage(number) is { } refusal)
            return Results.StatusCode(refusal);
        if (Users.Count > (number + 1) * PageSize)
            http.Response.Headers.Link = $"</internal/users?limit=1000&after={number + 1}>; rel=\"next\"";

        return Results.Json(Users.OrderBy(user => user.Id).Skip(number * PageSize).Take(PageSize), MessageJson.Options);
    }
}
