using System.Net.Sockets;
using System.Security.Cryptography;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dcp;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Dashboard;

/// <summary>The Aspire dashboard as a hidden resource of the application.</summary>
internal sealed class DashboardResource(string path) : ExecutableResource("aspire-dashboard", path, Path.GetDirectoryName(path)!)
{
    private const string OtlpUrl = "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL";
    private const string OtlpHttpUrl = "ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL";

    public static void Configure(DistributedApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        foreach (var key in new[] { "AppHost:OtlpApiKey", "AppHost:DashboardApiKey" })
            configuration[key] ??= builder.UserSecrets.GetOrSet(key, Token);
        configuration["AppHost:BrowserToken"] = configuration["ASPIRE_DASHBOARD_FRONTEND_BROWSERTOKEN"] ?? Token();
        configuration["AppHost:ResourceService:ApiKey"] = Token();
        builder.OnBeforeStart((start, _) =>
        {
            Add(builder, start.Services);
            return Task.CompletedTask;
        });
    }

    private static void Add(DistributedApplicationBuilder builder, IServiceProvider services)
    {
        var configuration = builder.Configuration;
        var resource = new DashboardResource(services.GetRequiredService<DcpEngine>().DashboardPath);
        builder.Resources.Insert(0, resource);
        var dashboard = builder.CreateResourceBuilder(resource)
            .WithArgs("dashboard")
            .WithEndpoint("http", configuration["ASPNETCORE_URLS"])
            .WithEndpoint("otlp-grpc", configuration[OtlpUrl])
            .WithEndpoint("otlp-http", configuration[OtlpHttpUrl]);
        var web = dashboard.GetEndpoint("http");
        dashboard.WithEnvironment(context =>
        {
            var variables = context.EnvironmentVariables;
            foreach (var (name, value) in configuration.AsEnumerable().Where(c => c.Key.StartsWith("ASPIRE_DASHBOARD_", StringComparison.Ordinal)))
                variables[name] = value ?? "";
            variables["ASPNETCORE_ENVIRONMENT"] = builder.Environment.EnvironmentName;
            variables["ASPNETCORE_URLS"] = web;
            variables[OtlpUrl] = dashboard.GetEndpoint("otlp-grpc");
            variables[OtlpHttpUrl] = dashboard.GetEndpoint("otlp-http");
            variables["ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"] = services.GetRequiredService<ResourceServiceAddress>().Url;
            variables["ASPIRE_DASHBOARD_API_ENABLED"] = "true";
            variables["DASHBOARD__RESOURCESERVICECLIENT__AUTHMODE"] = "ApiKey";
            variables["DASHBOARD__RESOURCESERVICECLIENT__APIKEY"] = configuration["AppHost:ResourceService:ApiKey"]!;
            variables["DASHBOARD__FRONTEND__AUTHMODE"] = "BrowserToken";
            variables["DASHBOARD__FRONTEND__BROWSERTOKEN"] = configuration["AppHost:BrowserToken"]!;
            variables["DASHBOARD__OTLP__AUTHMODE"] = "ApiKey";
            variables["DASHBOARD__OTLP__PRIMARYAPIKEY"] = configuration["AppHost:OtlpApiKey"]!;
            variables["DASHBOARD__API__AUTHMODE"] = "ApiKey";
            variables["DASHBOARD__API__PRIMARYAPIKEY"] = configuration["AppHost:DashboardApiKey"]!;
            variables["DASHBOARD__DEBUGSESSION__TELEMETRYOPTOUT"] = "true";
        });

        _ = AnnounceAsync(services, web, configuration["AppHost:BrowserToken"]!);
    }

    private static async Task AnnounceAsync(IServiceProvider services, EndpointReference web, string token)
    {
        var lifetime = services.GetRequiredService<IHostApplicationLifetime>();
        var log = services.GetRequiredService<ILoggerFactory>().CreateLogger("Aspire.Hosting.DistributedApplication");
        try
        {
            var url = await web.GetValueAsync(lifetime.ApplicationStopping);
            using var http = services.GetRequiredService<IHttpClientFactory>().CreateClient();
            while (!await AnswersAsync(http, new Uri($"{url}/health"), lifetime.ApplicationStopping))
                await Task.Delay(200, lifetime.ApplicationStopping);
            log.Info($"Now listening on: {url}");
            log.Info($"Login to the dashboard at {url}/login?t={token}");
        }
        catch (OperationCanceledException)
        {
            // The application stops.
        }
    }

    private static async Task<bool> AnswersAsync(HttpClient http, Uri address, CancellationToken cancel)
    {
        try
        {
            using var answer = await http.GetAsync(address, cancel);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static string Token() => RandomNumberGenerator.GetHexString(32, lowercase: true);
}

internal static class DashboardEndpointExtensions
{
    /// <summary>An endpoint on the port of a configured address, or on any free one.</summary>
    public static IResourceBuilder<DashboardResource> WithEndpoint(this IResourceBuilder<DashboardResource> builder, string name, string? url) =>
        builder.WithAnnotation(new EndpointAnnotation(
            ProtocolType.Tcp, "http", name == "otlp-grpc" ? "http2" : "http", name, url is null ? null : new Uri(url.Split(';')[0]).Port));
}
