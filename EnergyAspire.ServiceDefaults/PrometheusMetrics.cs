using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace EnergyAspire.ServiceDefaults;

/// <summary>Settings of the metrics endpoint.</summary>
public sealed class MetricsOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Metrics";

    /// <summary>
    /// Port that answers <c>GET /metrics</c> for Prometheus and nothing else; the process must listen on it, see <c>ASPNETCORE_HTTP_PORTS</c>.
    /// Without a port there is no such endpoint.
    /// </summary>
    [Range(1, 65535)]
    public int? Port { get; set; }
}

/// <summary>
/// Serves the metrics of this process to Prometheus on a port of its own. The port isn't published, so that metrics of the gateway too are
/// reachable from inside only. The local port of the connection decides, because a caller can choose the header <c>Host</c>.
/// </summary>
internal sealed class PrometheusMetrics(IOptions<MetricsOptions> options) : IStartupFilter
{
    public const string Path = "/metrics";

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        if (options.Value.Port is { } port)
        {
            app.MapWhen(http => http.Connection.LocalPort == port, metrics => metrics
                .Use(WithoutTelemetryAsync)
                .UseOpenTelemetryPrometheusScrapingEndpoint(Path));
        }

        next(app);
    };

    /// <summary>Adds the endpoint if a port is set.</summary>
    public static void AddTo(IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<MetricsOptions>().BindConfiguration(MetricsOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        if (builder.Configuration[$"{MetricsOptions.Section}:{nameof(MetricsOptions.Port)}"] is not { Length: > 0 })
            return;

        builder.Services.AddSingleton<IStartupFilter, PrometheusMetrics>();
        builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddPrometheusExporter());
    }

    private static async Task WithoutTelemetryAsync(HttpContext http, RequestDelegate next)
    {
        if (http.Features.Get<IHttpMetricsTagsFeature>() is { } request)
            request.MetricsDisabled = true;
        using var untraced = SuppressInstrumentationScope.Begin();
        await next(http);
    }
}
