using System.Xml.Linq;
using EnergyAspire.ServiceDefaults;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.DataProtection.StackExchangeRedis;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;

namespace EnergyAspire.Gateway.Shared;

/// <summary>
/// Redis, by which the replicas of the gateway share the keys of session cookies, renewals, ended sessions and rate limits. It is optional: one
/// replica alone needs none. <see cref="IConnectionMultiplexer"/> is registered only if <c>ConnectionStrings:cache</c> is set.
/// </summary>
internal static class SharedCache
{
    // A request must not wait longer for Redis than for a service.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    /// <summary>Connects to Redis if there is a connection string.</summary>
    public static void AddSharedCache(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<SharedStore>();
        if (!builder.IsShared())
            return;

        // The client logs each step of a connection as information.
        builder.Logging.AddFilter("StackExchange.Redis", LogLevel.Warning);
        builder.AddRedisClient(
            ResourceNames.Cache,
            // Its own check makes the gateway unhealthy while Redis is unavailable, although the gateway still serves.
            settings => settings.DisableHealthChecks = true,
            options =>
            {
                options.AbortOnConnectFail = false;
                options.BacklogPolicy = BacklogPolicy.FailFast;
                (options.ConnectTimeout, options.SyncTimeout, options.AsyncTimeout) =
                    ((int)Timeout.TotalMilliseconds, (int)Timeout.TotalMilliseconds, (int)Timeout.TotalMilliseconds);
            });
        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
            ResourceNames.Cache, services => new Check(services.GetRequiredService<IConnectionMultiplexer>()), HealthStatus.Degraded, tags: null));
    }

    /// <summary>Whether <c>ConnectionStrings:cache</c> is set.</summary>
    public static bool IsShared(this IHostApplicationBuilder builder) =>
        !string.IsNullOrEmpty(builder.Configuration.GetConnectionString(ResourceNames.Cache));

    /// <summary>Keeps the keys of the session cookies in Redis. Without Redis they are in a folder of this machine account.</summary>
    public static void ShareKeys(this IDataProtectionBuilder protection, IHostApplicationBuilder builder)
    {
        if (!builder.IsShared())
            return;

        protection.Services.AddOptions<KeyManagementOptions>()
            .Configure<IConnectionMultiplexer>((options, redis) => options.XmlRepository = new PatientKeys(
                new RedisXmlRepository(() => redis.GetDatabase(), SharedStore.Key("data-protection-keys"))));
    }

    /// <summary>Retries for some seconds. Without the keys no cookie can be read, so a short failure of Redis would fail every request.</summary>
    private sealed class PatientKeys(IXmlRepository keys) : IXmlRepository
    {
        private const int MostTries = 3;

        public IReadOnlyCollection<XElement> GetAllElements() => Retry(keys.GetAllElements);

        public void StoreElement(XElement element, string friendlyName) => Retry(() =>
        {
            keys.StoreElement(element, friendlyName);
            return true;
        });

        private static T Retry<T>(Func<T> work)
        {
            for (var tried = 1; ; tried++)
            {
                try
                {
                    return work();
                }
                catch (Exception failure) when (SharedStore.IsUnavailable(failure) && tried < MostTries)
                {
                    Thread.Sleep(Timeout);
                }
            }
        }
    }

    private sealed class Check(IConnectionMultiplexer redis) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                await redis.GetDatabase().PingAsync();
                return HealthCheckResult.Healthy();
            }
            catch (Exception failure) when (SharedStore.IsUnavailable(failure))
            {
                return new HealthCheckResult(
                    context.Registration.FailureStatus,
                    "Redis can't be reached: rate limits count for each replica alone, and sessions are renewed only when their tokens expire.");
            }
        }
    }
}
