using Aspire.RabbitMQ.Client;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using RabbitMQ.Client;

namespace Microsoft.Extensions.Hosting
{
    public static class AspireRabbitMQExtensions
    {
        /// <summary>Registers the connection factory and a lazily opened connection for a named connection string.</summary>
        public static void AddRabbitMQClient(
            this IHostApplicationBuilder builder,
            string connectionName,
            Action<RabbitMQClientSettings>? configureSettings = null,
            Action<ConnectionFactory>? configureConnectionFactory = null)
        {
            var settings = new RabbitMQClientSettings();
            builder.Configuration.GetSection("Aspire:RabbitMQ:Client").Bind(settings);
            settings.ConnectionString = builder.Configuration.GetConnectionString(connectionName) ?? settings.ConnectionString;
            configureSettings?.Invoke(settings);

            builder.Services.AddSingleton<IConnectionFactory>(_ =>
            {
                var factory = new ConnectionFactory();
                if (!string.IsNullOrEmpty(settings.ConnectionString))
                    factory.Uri = new Uri(settings.ConnectionString);
                configureConnectionFactory?.Invoke(factory);

                return factory;
            });
            builder.Services.AddSingleton(services =>
                services.GetRequiredService<IConnectionFactory>().CreateConnectionAsync().GetAwaiter().GetResult());

            if (!settings.DisableHealthChecks)
                builder.Services.AddHealthChecks().AddCheck<ConnectionCheck>("RabbitMQ.Client");
            if (!settings.DisableTracing)
                builder.Services.AddOpenTelemetry().WithTracing(tracing => tracing.AddSource("RabbitMQ.Client.*"));
        }

        private sealed class ConnectionCheck(IServiceProvider services) : IHealthCheck
        {
            public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
                Task.FromResult(services.GetRequiredService<IConnection>().IsOpen
                    ? HealthCheckResult.Healthy()
                    : new HealthCheckResult(context.Registration.FailureStatus));
        }
    }
}

namespace Aspire.RabbitMQ.Client
{
    public sealed class RabbitMQClientSettings
    {
        public string? ConnectionString { get; set; }

        public bool DisableHealthChecks { get; set; }

        public bool DisableTracing { get; set; }
    }
}
