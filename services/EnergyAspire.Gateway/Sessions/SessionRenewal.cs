using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace EnergyAspire.Gateway.Sessions;

/// <summary>Renews the tokens of sessions.</summary>
/// <remarks>
/// A refresh token works once, and Identity revokes the session when it comes twice. But a browser sends several requests with the
/// same cookie, and may send more before it has seen the new one. So each refresh token is used by one request, and the others,
/// also later ones, get the same result; between replicas by <see cref="RenewalHandover"/>.
/// </remarks>
public sealed class SessionRenewal(
    IdentityClient identity, SessionStanding standing, RenewalHandover handover, IOptions<GatewayOptions> options, TimeProvider time,
    ILogger<SessionRenewal> logger)
{
    /// <summary>How long results are remembered for cookies that are still the old ones.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, Renewal> _renewals = new(StringComparer.Ordinal);

    /// <summary>Returns a request's session with tokens that count, and keeps its cookie as it is then; null without one, or when it is over.</summary>
    /// <exception cref="IdentityUnreachableException">The tokens have expired and Identity is away.</exception>
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

    /// <summary>Returns the session with tokens that work; null when it is over.</summary>
    /// <exception cref="IdentityUnreachableException">The tokens have expired and Identity is away.</exception>
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
            // It didn't happen, so it may be tried again.
            _renewals.TryRemove(KeyValuePair.Create(key, renewal));
            throw;
        }
    }

    // Not cancelled with the request that happens to be first: the others wait for it too.
    private Task<Session?> RenewOnceAsync(string key, Session session) => handover.OnceAsync(key, async () =>
    {
        var tokens = await identity.RefreshAsync(session.Refresh, CancellationToken.None);
        if (tokens is not null)
            return Session.Of(session.Id, tokens, options.Value.RenewAhead, time.GetUtcNow());

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
