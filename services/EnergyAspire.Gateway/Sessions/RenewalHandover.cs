using System.Security.Cryptography;
using System.Text.Json;
using EnergyAspire.Gateway.Shared;
using Microsoft.AspNetCore.DataProtection;
using StackExchange.Redis;

namespace EnergyAspire.Gateway.Sessions;

/// <summary>
/// Shares renewed sessions among replicas by Redis: the replica that renews a session holds a lock, and the others read the result, which is
/// encrypted with the keys of the session cookies. Without Redis renewals are not shared, so there must be only one replica.
/// </summary>
public sealed class RenewalHandover(IDataProtectionProvider protection, TimeProvider time, SharedStore store)
{
    private static readonly TimeSpan LockRetry = TimeSpan.FromMilliseconds(20);

    // Longer than a request to Identity may take. Redis ends the lock of a replica that was killed.
    private static readonly TimeSpan LockLife = TimeSpan.FromMinutes(2);

    private readonly IDataProtector _protector = protection.CreateProtector("EnergyAspire.Gateway.Renewal");

    /// <summary>Renews a session, or returns the result if another replica has already renewed it.</summary>
    /// <param name="key">Key of the renewal.</param>
    /// <param name="session">The session.</param>
    /// <param name="renew">Renews it; null when Identity refuses.</param>
    /// <exception cref="SharedStoreUnavailableException">
    /// Redis is unavailable and the session's token hasn't expired. When it has expired, the session is renewed without Redis. If two replicas do that
    /// at the same time with the same cookie, Identity ends the session.
    /// </exception>
    public async Task<Session?> OnceAsync(string key, Session session, Func<Task<Session?>> renew)
    {
        if (!store.IsShared)
            return await renew();

        var (result, @lock, owner) = (SharedStore.Key($"renewal:{key}"), SharedStore.Key($"renewing:{key}"), Guid.NewGuid().ToString());
        try
        {
            if (await RenewedOrLockedAsync(result, @lock, owner) is { } renewed)
                return renewed;
        }
        catch (SharedStoreUnavailableException) when (session.ExpiresAt <= time.GetUtcNow())
        {
            return await renew();
        }

        try
        {
            var renewed = await renew();
            if (renewed is not null)
                await TryAsync(redis => redis.StringSetAsync(result, _protector.Protect(JsonSerializer.SerializeToUtf8Bytes(renewed)), SessionRenewal.Memory));
            return renewed;
        }
        finally
        {
            await TryAsync(redis => redis.LockReleaseAsync(@lock, owner));
        }
    }

    /// <summary>Returns what another replica has renewed; null when this one holds the lock and has to renew.</summary>
    private async Task<Session?> RenewedOrLockedAsync(string result, string @lock, string owner)
    {
        while (true)
        {
            if (Read(await store.UseAsync(redis => redis.StringGetAsync(result))) is { } renewed)
                return renewed;
            if (await store.UseAsync(redis => redis.LockTakeAsync(@lock, owner, LockLife)))
                break;
            await Task.Delay(LockRetry);
        }

        // The replica that held the lock before may have renewed it since the result was read.
        var meanwhile = Read(await store.UseAsync(redis => redis.StringGetAsync(result)));
        if (meanwhile is not null)
            await TryAsync(redis => redis.LockReleaseAsync(@lock, owner));
        return meanwhile;
    }

    // The session is renewed in any case. Its next cookie comes with the answer.
    private async Task TryAsync(Func<IDatabase, Task<bool>> change)
    {
        try
        {
            await store.UseAsync(change);
        }
        catch (SharedStoreUnavailableException)
        {
        }
    }

    private Session? Read(RedisValue value)
    {
        if (value.IsNull)
            return null;

        try
        {
            return JsonSerializer.Deserialize<Session>(_protector.Unprotect((byte[])value!));
        }
        catch (Exception damaged) when (damaged is CryptographicException or JsonException)
        {
            return null;
        }
    }
}
