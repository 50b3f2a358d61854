using System.Globalization;
using EnergyAspire.ServiceDefaults.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace EnergyAspire.ServiceDefaults;

/// <summary>What every process of the system has: telemetry, health checks, service discovery, resilience.</summary>
public static class ServiceDefaultsExtensions
{
    private const string HealthPath = "/health";
    private const string AlivePath = "/alive";
    private const string LiveTag = "live";

    /// <summary>Adds telemetry, health checks, service discovery, HTTP resilience, snake_case JSON, problem details and the clock.</summary>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        // What services read and write is the same whatever the language of the machine.
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

        builder.AddTelemetry();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), [LiveTag]);

        builder.Services.AddServiceDiscovery();
        builder.Services.ConfigureHttpClientDefaults(http =>
        {
            // A repeated POST may act twice, so only safe methods are retried.
            http.AddStandardResilienceHandler(options => options.Retry.DisableForUnsafeHttpMethods());
            http.AddServiceDiscovery();
        });

        builder.AddHttpDefaults();

        return builder;
    }

    /// <summary>Maps <c>/health</c> (ready to serve) and <c>/alive</c> (running); the gateway doesn't pass them on.</summary>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        app.MapHealthChecks(HealthPath, new HealthCheckOptions { ResponseWriter = WriteReasonsAsync }).AllowAnonymous().ShortCircuit().Untraced();
        app.MapHealthChecks(AlivePath, new HealthCheckOptions { Predicate = check => check.Tags.Contains(LiveTag) })
            .AllowAnonymous().ShortCircuit().Untraced();

        return app;
    }

    /// <summary>Writes the status, and below it a line for each thing that isn't as it should be.</summary>
    private static Task WriteReasonsAsync(HttpContext http, HealthReport report) => http.Response.WriteAsync(string.Join('\n',
        report.Entries
            .Where(entry => entry.Value.Status != HealthStatus.Healthy)
            .Select(entry => entry.Value.Description?.ReplaceLineEndings(" ") ?? $"{entry.Key} isn't ready.")
            .Prepend($"{report.Status}")));

    /// <summary>Keeps what a request does, such as a check's SQL, out of the traces: orchestrators ask every few seconds.</summary>
    private static void Untraced(this IEndpointConventionBuilder endpoint) => endpoint.Add(builder =>
    {
        var traced = builder.RequestDelegate!;
        builder.RequestDelegate = async context =>
        {
            using var untraced = SuppressInstrumentationScope.Begin();
            await traced(context);
        };
    });

    private static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        SafeConsole.AddTo(builder.Logging);
        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
        });
        // Readiness tells what these would log as errors while a service waits for its servers; failed commands throw as well.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        builder.Logging.AddFilter("Microsoft.EntityFrameworkCore.Database.Command", LogLevel.None);
        builder.Logging.AddFilter("Microsoft.EntityFrameworkCore.Update", LogLevel.None);

        builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation()
                .AddMeter("Npgsql", "EnergyAspire.*"))
            .WithTracing(tracing => tracing
                .AddAspNetCoreInstrumentation(options => options.Filter = context =>
                    !context.Request.Path.StartsWithSegments(HealthPath) && !context.Request.Path.StartsWithSegments(AlivePath))
                .AddHttpClientInstrumentation()
                .AddSource("Npgsql", "RabbitMQ.Client.*", "EnergyAspire.*"));

        if (!string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
            builder.Services.AddOpenTelemetry().UseOtlpExporter();
    }
}
