using System.Collections.Concurrent;
using EnergyAspire.Gateway.Shared;

namespace EnergyAspire.Gateway.Sessions;

/// <summary>
/// Remembers signed-out sessions until their cookies expire, so that a copy of a cookie is refused even if Identity was unavailable at sign-out.
/// Replicas share them by Redis. Without Redis, or while it is unavailable, each process remembers only its own.
/// </summary>
public sealed class SessionEnds(TimeProvider time, SharedStore store, ILogger<SessionEnds> logger)
{
    private static readonly TimeSpan ForgetInterval = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _ended = new();
    private DateTimeOffset _forgottenAt = DateTimeOffset.MinValue;

    /// <summary>Whether a session was signed out at this or another replica.</summary>
    public async ValueTask<bool> HasEndedAsync(Guid session)
    {
        if (_ended.ContainsKey(session))
            return true;
        if (!store.IsShared)
            return false;

        try
        {
            return await store.UseAsync(redis => redis.KeyExistsAsync(KeyOf(session)));
        }
        catch (SharedStoreUnavailableException)
        {
            return false;
        }
    }

    /// <summary>Records the end of a session. Sessions of an older release have no id and can't be recorded.</summary>
    /// <remarks>If Redis is unavailable, the end is recorded in this process only and an error is logged.</remarks>
    public async Task EndAsync(Guid session)
    {
        if (session == Guid.Empty)
            return;

        var now = time.GetUtcNow();
        _ended[session] = now;
        if (now - _forgottenAt > ForgetInterval)
            Forget(now);
        if (!store.IsShared)
            return;

        try
        {
            await store.UseAsync(redis => redis.StringSetAsync(KeyOf(session), "", SessionCookie.Life));
        }
        catch (SharedStoreUnavailableException failure)
        {
            GatewayLog.EndNotShared(logger, failure.Message);
        }
    }

    private void Forget(DateTimeOffset now)
    {
        _forgottenAt = now;
        foreach (var ended in _ended.Where(ended => ended.Value < now - SessionCookie.Life))
            _ended.TryRemove(ended);
    }

    private static string KeyOf(Guid session) => SharedStore.Key($"ended:{session:N}");
}
