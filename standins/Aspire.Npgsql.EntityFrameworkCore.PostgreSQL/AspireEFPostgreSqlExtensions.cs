using Aspire.Npgsql.EntityFrameworkCore.PostgreSQL;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace Microsoft.Extensions.Hosting
{
    public static class AspireEFPostgreSqlExtensions
    {
        /// <summary>Registers a pooled context on a named connection string, with retries, a health check and telemetry.</summary>
        public static void AddNpgsqlDbContext<TContext>(
            this IHostApplicationBuilder builder,
            string connectionName,
            Action<NpgsqlEntityFrameworkCorePostgreSQLSettings>? configureSettings = null,
            Action<DbContextOptionsBuilder>? configureDbContextOptions = null)
            where TContext : DbContext
        {
            var settings = new NpgsqlEntityFrameworkCorePostgreSQLSettings();
            builder.Configuration.GetSection("Aspire:Npgsql:EntityFrameworkCore:PostgreSQL").Bind(settings);
            settings.ConnectionString = builder.Configuration.GetConnectionString(connectionName) ?? settings.ConnectionString;
            configureSettings?.Invoke(settings);

            builder.Services.AddDbContextPool<TContext>(options =>
            {
                if (string.IsNullOrEmpty(settings.ConnectionString))
                    throw new InvalidOperationException($"ConnectionString is missing. Provide it in 'ConnectionStrings:{connectionName}'.");

                options.UseNpgsql(settings.ConnectionString, npgsql =>
                {
                    if (!settings.DisableRetry)
                        npgsql.EnableRetryOnFailure();
                });
                configureDbContextOptions?.Invoke(options);
            });

            if (!settings.DisableHealthChecks)
                builder.Services.AddHealthChecks().AddCheck<ConnectionCheck<TContext>>(typeof(TContext).Name);
            if (!settings.DisableTracing)
                builder.Services.AddOpenTelemetry().WithTracing(tracing => tracing.AddNpgsql());
            if (!settings.DisableMetrics)
                builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddNpgsqlInstrumentation());
        }

        private sealed class ConnectionCheck<TContext>(TContext context) : IHealthCheck
            where TContext : DbContext
        {
            public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext check, CancellationToken cancellationToken = default) =>
                await context.Database.CanConnectAsync(cancellationToken)
                    ? HealthCheckResult.Healthy()
                    : new HealthCheckResult(check.Registration.FailureStatus);
        }
    }
}

namespace Aspire.Npgsql.EntityFrameworkCore.PostgreSQL
{
    public sealed class NpgsqlEntityFrameworkCorePostgreSQLSettings
    {
        public string? ConnectionString { get; set; }

        public bool DisableRetry { get; set; }

        public bool DisableHealthChecks { get; set; }

        public bool DisableTracing { get; set; }

        public bool DisableMetrics { get; set; }
    }
}
