using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using EnergyAspire.Gateway.Shared;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace EnergyAspire.Gateway.Sessions;

/// <summary>Renews the tokens of sessions.</summary>
/// <remarks>
/// A refresh token works once; Identity revokes the session when it is used twice. But a browser sends concurrent requests with the same cookie,
/// and more of them before it has received the new one. So each refresh token is used by one request, and all others get the same result.
/// <see cref="RenewalHandover"/> does the same among replicas.
/// </remarks>
public sealed class SessionRenewal(
    IdentityClient identity, SessionStanding standing, RenewalHandover handover, IOptions<GatewayOptions> options, SessionMetrics metrics,
    TimeProvider time, ILogger<SessionRenewal> logger)
{
    /// <summary>How long the result of a renewal is kept for requests with the old cookie.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, Renewal> _renewals = new(StringComparer.Ordinal);

    /// <summary>
    /// Returns a request's session with valid tokens and updates the cookie if they changed; null when there is no session or it has ended.
    /// </summary>
    /// <exception cref="IdentityUnreachableException">The tokens have expired and Identity is unavailable.</exception>
    public async Task<Session?> CurrentAsync(HttpContext http)
    {
        if (Session.Of(http) is not { } session)
            return null;

        var current = await CurrentAsync(session);
        if (current is not null)
            current = await standing.CheckAsync(current);
        if (current is null)
            await http.SignOutAsync();
        else if (current != session)
            await current.WriteAsync(http);

        return current;
    }

    /// <summary>Returns the session with tokens that have not expired; null when it has ended.</summary>
    /// <exception cref="IdentityUnreachableException">The tokens have expired and Identity is unavailable.</exception>
    public async Task<Session?> CurrentAsync(Session session)
    {
        while (session.RenewAt <= time.GetUtcNow())
        {
            try
            {
                if (await RenewAsync(session) is not { } renewed)
                    return null;
                session = renewed;
            }
            catch (SharedStoreUnavailableException)
            {
                // The token is valid still. It is renewed when Redis is available again, at the latest when the token has expired.
                return session;
            }
            catch (IdentityUnreachableException failure)
            {
                GatewayLog.IdentityUnreachable(logger, failure.Message);
                if (session.ExpiresAt <= time.GetUtcNow())
                    throw;
                return session;
            }
        }

        return session;
    }

    private async Task<Session?> RenewAsync(Session session)
    {
        Forget();
        var key = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(session.Refresh)));
        var renewal = _renewals.GetOrAdd(key, _ => new Renewal(time.GetUtcNow() + Memory, new Lazy<Task<Session?>>(() => RenewOnceAsync(key, session))));
        try
        {
            return await renewal.Result.Value;
        }
        catch (Exception)
        {
            // The renewal failed, so the next request tries again.
            _renewals.TryRemove(KeyValuePair.Create(key, renewal));
            throw;
        }
    }

    // Not cancelled with the first request, because other requests wait for the same result.
    private Task<Session?> RenewOnceAsync(string key, Session session) => handover.OnceAsync(key, session, async () =>
    {
        var tokens = await identity.RefreshAsync(session.Refresh, CancellationToken.None);
        if (tokens is not null)
        {
            metrics.Renewed();
            return Session.Of(session.Id, tokens, options.Value.RenewAhead, time.GetUtcNow());
        }

        metrics.Refused();
        GatewayLog.RenewalRefused(logger, session.User.Id);
        return null;
    });

    private void Forget()
    {
        var now = time.GetUtcNow();
        foreach (var renewal in _renewals.Where(renewal => renewal.Value.Until < now))
            _renewals.TryRemove(renewal);
    }

    private sealed record Renewal(DateTimeOffset Until, Lazy<Task<Session?>> Result);
}
