using System.Net;
using System.Text.Json;
using EnergyAspire.Chaos.Updates;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;

namespace EnergyAspire.Chaos.Tests;

/// <summary>Two replicas of every service behind load balancers, with the settings of <c>deploy/compose.yaml</c>.</summary>
public sealed class ReplicasTests
{
    private const int AtOnce = 20;

    private static readonly TimeSpan TwoSeconds = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(1);

    // The command "update" replaces all of them.
    private static readonly string[] Replaced = [ResourceNames.Identity, ResourceNames.Monitoring, ResourceNames.Gateway];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_request_fails_while_replicas_are_replaced_and_sessions_outlive_killed_ones_and_end_everywhere()
    {
        await using var installation = await Installation.StartAsync(Repository.Folder, Cancel);
        using var load = new Load(installation);
        await load.PrepareAsync(Cancel);

        using (var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel))
        {
            var running = load.RunAsync(stop.Token);
            foreach (var service in Replaced)
                await installation.ReplaceAsync(service, replica: 0, Repository.Folder);
            await stop.CancelAsync();
            await running;
        }

        Assert.Equal(["change", "read", "register"], load.Results.Select(results => results.Name));
        Assert.All(load.Results, results => Assert.True(results.Failures.IsEmpty, string.Join('\n', results.Failures)));
        await Eventually.GetAsync(() => installation.ReadingsAsync(Cancel), stored => stored == (load.Published, load.Published), $"the {load.Published} readings are stored once", Settling);

        using var client = await installation.SignInAsync(Cancel);
        Assert.All(await AskAsync(client), status => Assert.Equal(HttpStatusCode.OK, status));

        await Task.WhenAll(Installation.Services.Select(service => installation.KillAsync(service, replica: 1)));
        await Eventually.TrueAsync(
            async () => (await AskAsync(client)).All(status => status == HttpStatusCode.OK), "all requests are answered by the other replicas", Recovery);

        // A page that is open gets what is measured, until its session ends.
        await using var page = Connect(installation, client);
        var (told, closed) = (new TaskCompletionSource(), new TaskCompletionSource());
        var reading = load.NextReading();
        page.On<JsonElement>("devices", devices =>
        {
            if (devices.EnumerateArray().Any(device => device.GetProperty("timestamp").GetDateTimeOffset() == reading))
                told.TrySetResult();
        });
        page.Closed += _ =>
        {
            closed.TrySetResult();
            return Task.CompletedTask;
        };
        await page.StartAsync(Cancel);
        await page.InvokeAsync("Watch", new[] { load.Device }, Cancel);
        await load.PublishOneAsync(Cancel);
        await told.Task.WaitAsync(Recovery, Cancel);

        using var signedOut = await client.DeleteAsync(new Uri("/session", UriKind.Relative), Cancel);
        Assert.Equal(HttpStatusCode.NoContent, signedOut.StatusCode);
        await Eventually.TrueAsync(
            async () => (await AskAsync(client)).All(status => status == HttpStatusCode.Unauthorized), "the cookie opens nothing at any replica", TwoSeconds);
        await closed.Task.WaitAsync(TwoSeconds, Cancel);
    }

    private static async Task<HttpStatusCode[]> AskAsync(HttpClient client) => await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async number =>
    {
        var path = (number % 4) switch { 0 => "/api/devices", 1 => "/api/auth/validate", 2 => "/api/users", _ => "/api/monitoring/devices" };
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), Cancel);
        return answer.StatusCode;
    }));

    private static HubConnection Connect(Installation installation, HttpClient client) => new HubConnectionBuilder()
        .WithUrl(new Uri(installation.Address, "/api/monitoring/live"), options =>
        {
            options.SkipNegotiation = true;
            options.Transports = HttpTransportType.WebSockets;
            options.Headers["Host"] = Installation.Host;
            options.Headers["Origin"] = $"https://{Installation.Host}";
            options.Headers["Cookie"] = string.Join("; ", client.DefaultRequestHeaders.GetValues("Cookie"));
        })
        .Build();
}
