using StackExchange.Redis;

namespace EnergyAspire.Gateway.Shared;

/// <summary>Redis for requests. Without Redis the replica is alone, and <see cref="IsShared"/> is false.</summary>
/// <remarks>
/// After a failure Redis isn't asked for a second. A server that doesn't answer delays a few requests then, and not every one.
/// </remarks>
public sealed class SharedStore(TimeProvider time, IConnectionMultiplexer? redis = null)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private long _pausedUntil;

    /// <summary>Whether there is a Redis, available or not.</summary>
    public bool IsShared => redis is not null;

    /// <summary>Name of a key of the gateway in Redis.</summary>
    public static string Key(string name) => $"energyaspire:gateway:{name}";

    /// <summary>Does something in Redis.</summary>
    /// <exception cref="SharedStoreUnavailableException">Redis is unavailable, or was within the last second.</exception>
    public async Task<T> UseAsync<T>(Func<IDatabase, Task<T>> work)
    {
        if (time.GetTimestamp() < Volatile.Read(ref _pausedUntil))
            throw new SharedStoreUnavailableException("it did not answer a moment ago.");

        try
        {
            return await work(redis!.GetDatabase());
        }
        catch (Exception failure) when (IsUnavailable(failure))
        {
            Volatile.Write(ref _pausedUntil, time.GetTimestamp() + ((long)Pause.TotalSeconds * time.TimestampFrequency));
            throw new SharedStoreUnavailableException(failure.Message, failure);
        }
    }

    /// <summary>Whether a failure means that Redis can't be used now. The client cancels what waits on a connection that it gives up.</summary>
    internal static bool IsUnavailable(Exception failure) =>
        failure is RedisException or RedisTimeoutException or ObjectDisposedException or OperationCanceledException;
}

/// <summary>Redis is unavailable.</summary>
public sealed class SharedStoreUnavailableException(string reason, Exception? cause = null) : Exception($"Redis is unavailable: {reason}", cause);
