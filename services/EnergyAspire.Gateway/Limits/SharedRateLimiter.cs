using System.Threading.RateLimiting;
using EnergyAspire.Gateway.Shared;
using StackExchange.Redis;

namespace EnergyAspire.Gateway.Limits;

/// <summary>
/// A token bucket that all replicas share, as one key in Redis: the time at which the bucket will be full (generic cell rate algorithm). The clock is
/// Redis' own. While Redis is unavailable, a bucket of this replica is used.
/// </summary>
/// <param name="key">Key of the bucket.</param>
/// <param name="limit">Tokens in a full bucket.</param>
/// <param name="period">Time in which an empty bucket fills.</param>
/// <param name="fallback">Bucket of this replica.</param>
internal sealed class SharedRateLimiter(SharedStore store, string key, int limit, TimeSpan period, RateLimiter fallback) : RateLimiter
{
    // Times are microseconds. Returns 0 if the permits are granted, else how long to wait for them.
    private const string Script = """
        local clock = redis.call('TIME')
        local now = clock[1] * 1000000 + clock[2]
        local full = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now) + ARGV[1] * ARGV[2]
        local wait = full - ARGV[3] - now
        if wait > 0 then return math.ceil(wait) end
        redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000) + 1)
        return 0
        """;

    private readonly RedisKey[] _keys = [SharedStore.Key($"limit:{key}")];
    private readonly double _perPermit = period.TotalMicroseconds / limit;

    /// <inheritdoc />
    public override TimeSpan? IdleDuration => fallback.IdleDuration;

    /// <inheritdoc />
    public override RateLimiterStatistics? GetStatistics() => null;

    // Redis is asked asynchronously only; the middleware then calls AcquireAsync.
    /// <inheritdoc />
    protected override RateLimitLease AttemptAcquireCore(int permitCount) => Lease.Refused(retryAfter: null);

    /// <inheritdoc />
    protected override async ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken)
    {
        try
        {
            var wait = (long)await store.UseAsync(redis => redis.ScriptEvaluateAsync(Script, _keys, [permitCount, _perPermit, period.TotalMicroseconds]));
            return wait == 0 ? Lease.Granted : Lease.Refused(TimeSpan.FromMicroseconds(wait));
        }
        catch (SharedStoreUnavailableException)
        {
            return await fallback.AcquireAsync(permitCount, cancellationToken);
        }
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            fallback.Dispose();
        base.Dispose(disposing);
    }

    private sealed class Lease(bool isAcquired, TimeSpan? retryAfter) : RateLimitLease
    {
        public static readonly Lease Granted = new(isAcquired: true, retryAfter: null);

        public static Lease Refused(TimeSpan? retryAfter) => new(isAcquired: false, retryAfter);

        public override bool IsAcquired => isAcquired;

        public override IEnumerable<string> MetadataNames => retryAfter is null ? [] : [MetadataName.RetryAfter.Name];

        public override bool TryGetMetadata(string metadataName, out object? metadata)
        {
            metadata = metadataName == MetadataName.RetryAfter.Name ? retryAfter : null;
            return metadata is not null;
        }
    }
}
