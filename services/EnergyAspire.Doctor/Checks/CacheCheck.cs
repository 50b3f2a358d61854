using EnergyAspire.ServiceDefaults;
using StackExchange.Redis;

namespace EnergyAspire.Doctor.Checks;

/// <summary>Redis, if it is configured.</summary>
internal static class CacheCheck
{
    private const string Name = "Redis";

    public static IEnumerable<Check> Of(Installation installation) => installation.Cache is { } cache
        ?
        [
            new Check(
                Name, cancel => PingAsync(cache, cancel),
                $"Start Redis, or correct ConnectionStrings:{ResourceNames.Cache}; until then nobody can use a session ({Runbook.Unavailable})."),
        ]
        : [Check.Of(Name, () => Verdict.Ok("Redis isn't configured, so there can be only one replica of the gateway."))];

    private static async Task<Verdict> PingAsync(string cache, CancellationToken cancel)
    {
        var options = ConfigurationOptions.Parse(cache);
        options.AbortOnConnectFail = true;
        options.ClientName = "energyaspire-doctor";
        await using var redis = await ConnectionMultiplexer.ConnectAsync(options).WaitAsync(cancel);
        var duration = await redis.GetDatabase().PingAsync().WaitAsync(cancel);

        return Verdict.Ok($"Redis {redis.GetServers()[0].Version} answers within {Math.Ceiling(duration.TotalMilliseconds)} ms.");
    }
}
