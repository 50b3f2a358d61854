using Microsoft.Extensions.Caching.Memory;

namespace EnergyAspire.Gateway.Sessions;

/// <summary>Refreshes a session once, however many of its requests find the access token expired at the same moment.</summary>
/// <remarks>
/// A refresh token works once, and a second use revokes the session. So the outcome is kept for a minute for requests that
/// still carry the old cookie. Replicas don't share it: route a session's requests to one replica (session affinity).
/// </remarks>
public sealed class SessionRefresher(IServiceScopeFactory scopes, IMemoryCache cache)
{
    private static readonly TimeSpan KeepOutcome = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    private readonly Lock _lock = new();

    /// <summary>Returns the session's next tokens; null when Identity refuses them.</summary>
    /// <exception cref="HttpRequestException">Identity can't answer now; the session stays.</exception>
    public async Task<SessionTokens?> RefreshAsync(string refreshToken, CancellationToken cancel)
    {
        Task<SessionTokens?> refresh;
        lock (_lock)
        {
            refresh = cache.GetOrCreate((nameof(SessionRefresher), refreshToken), entry =>
            {
                entry.AbsoluteExpirationRelativeToNow = KeepOutcome;
                return RefreshOnceAsync(refreshToken);
            })!;
        }

        try
        {
            return await refresh.WaitAsync(cancel);
        }
        catch when (refresh.IsFaulted)
        {
            // The next request tries again.
            cache.Remove((nameof(SessionRefresher), refreshToken));
            throw;
        }
    }

    /// <summary>Not bound to the request that happens to come first: the others wait for the same outcome.</summary>
    private async Task<SessionTokens?> RefreshOnceAsync(string refreshToken)
    {
        using var timeout = new CancellationTokenSource(Timeout);
        await using var scope = scopes.CreateAsyncScope();

        return await scope.ServiceProvider.GetRequiredService<IdentityClient>().RefreshAsync(refreshToken, timeout.Token);
    }
}
