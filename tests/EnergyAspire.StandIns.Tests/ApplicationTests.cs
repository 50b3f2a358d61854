using System.Net;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace EnergyAspire.StandIns.Tests;

/// <summary>An AppHost of two projects and a database, started through its own entry point.</summary>
public sealed class SampleApplication : IAsyncLifetime
{
    public DistributedApplication App { get; private set; } = null!;

    public string TelemetryKey { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.EnergyAspire_StandIns_Sample_AppHost>(
            [], (options, _) => options.DisableDashboard = false, patience.Token);
        App = await builder.BuildAsync(patience.Token);
        await App.StartAsync(patience.Token);
        await App.ResourceNotifications.WaitForResourceHealthyAsync("front", patience.Token);
        TelemetryKey = builder.Configuration["AppHost:DashboardApiKey"]!;
    }

    public ValueTask DisposeAsync() => App.DisposeAsync();
}

public sealed class ApplicationTests(SampleApplication sample) : IClassFixture<SampleApplication>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Replicas_share_one_address()
    {
        var processes = new HashSet<string>(StringComparer.Ordinal);
        for (var call = 0; call < 60 && processes.Count < 2; call++)
        {
            using var handler = new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero };
            using var http = new HttpClient(handler) { BaseAddress = sample.App.GetEndpoint("api") };
            processes.Add(await http.GetStringAsync(new Uri("/process", UriKind.Relative), Cancel));
        }

        Assert.Equal(2, processes.Count);
    }

    [Fact]
    public async Task A_reference_tells_where_the_other_program_is()
    {
        var api = sample.App.GetEndpoint("api").ToString().TrimEnd('/');

        Assert.Equal(api, await VariableAsync("front", "services__api__http__0"));
        Assert.Equal(api, await VariableAsync("front", "API_HTTP"));
        Assert.Equal(await sample.App.GetConnectionStringAsync("things", Cancel), await VariableAsync("api", "ConnectionStrings__things"));
        Assert.Equal("things_db", await VariableAsync("api", "THINGS_DATABASENAME"));
    }

    [Fact]
    public async Task Programs_have_their_own_launch_profile_and_telemetry_names()
    {
        Assert.Equal("Development", await VariableAsync("api", "ASPNETCORE_ENVIRONMENT"));
        Assert.Equal("front", await VariableAsync("front", "OTEL_SERVICE_NAME"));
        Assert.Matches("^service\\.instance\\.id=[a-z]{8}$", await VariableAsync("front", "OTEL_RESOURCE_ATTRIBUTES"));
        Assert.DoesNotContain("18556", await VariableAsync("front", "ASPNETCORE_URLS"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_dashboard_answers_for_its_telemetry_by_key_only()
    {
        await sample.App.ResourceNotifications.WaitForResourceHealthyAsync("aspire-dashboard", Cancel);
        using var http = sample.App.CreateHttpClient("aspire-dashboard", "http");
        await WaitUntilAsync(async () => (await http.GetAsync(new Uri("/health", UriKind.Relative), Cancel)).IsSuccessStatusCode);

        using var stranger = await http.GetAsync(new Uri("/api/telemetry/resources", UriKind.Relative), Cancel);
        http.DefaultRequestHeaders.Add("x-api-key", sample.TelemetryKey);
        using var friend = await http.GetAsync(new Uri("/api/telemetry/resources", UriKind.Relative), Cancel);

        Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);
        Assert.Equal(HttpStatusCode.OK, friend.StatusCode);
    }

    [Fact]
    public async Task A_command_stops_a_program_and_starts_it_again()
    {
        var front = sample.App.Services.GetRequiredService<DistributedApplicationModel>().Resources.Single(r => r.Name == "front");

        await sample.App.ResourceCommands.ExecuteCommandAsync(front, "stop", Cancel);
        await sample.App.ResourceNotifications.WaitForResourceAsync("front", KnownResourceStates.Finished, Cancel);
        var start = await sample.App.ResourceCommands.ExecuteCommandAsync(front, "start", Cancel);
        await sample.App.ResourceNotifications.WaitForResourceHealthyAsync("front", Cancel);

        Assert.True(start.Success);
    }

    private async Task<string> VariableAsync(string resource, string name)
    {
        using var http = sample.App.CreateHttpClient(resource);
        await sample.App.ResourceNotifications.WaitForResourceHealthyAsync(resource, Cancel);
        return await http.GetStringAsync(new Uri($"/variable/{name}", UriKind.Relative), Cancel);
    }

    private static async Task WaitUntilAsync(Func<Task<bool>> condition)
    {
        while (!await TryAsync())
            await Task.Delay(100, Cancel);

        async Task<bool> TryAsync()
        {
            try
            {
                return await condition();
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }
    }
}
