using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Caching.Memory;

namespace EnergyAspire.Gateway.Sessions;

/// <summary>
/// Whether a session still stands: a cookie lives on after its account was deleted, locked or changed, and after somebody has signed out,
/// and a copy of it may come at any replica. So Identity is asked, at most once a second for each session.
/// </summary>
/// <remarks>While Identity can't be asked, sessions stand as before; the access token's end bounds that.</remarks>
public sealed class SessionStanding(IdentityClient identity, IMemoryCache cache, SessionEnds ends, ILogger<SessionStanding> logger)
{
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(1);

    /// <summary>Returns the session with its account's present name and role; null when it has ended.</summary>
    public async Task<Session?> CheckAsync(Session session)
    {
        if (ends.HasEnded(session.Id))
            return null;

        var key = (typeof(SessionStanding), Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(session.Access))));
        var check = cache.GetOrCreate(key, entry =>
        {
            entry.AbsoluteExpirationRelativeToNow = Remembered;
            // Not cancelled with the request that happens to be first: the others wait for it too.
            return new Lazy<Task<TokenCheck>>(() => AskAsync(session.Access));
        })!;

        return await check.Value switch
        {
            { IsRefused: true } => null,
            { User: { } user } when user != session.User => session with { User = user },
            _ => session,
        };
    }

    private async Task<TokenCheck> AskAsync(string access)
    {
        try
        {
            return await identity.CheckAsync(access, CancellationToken.None);
        }
        catch (IdentityUnreachableException failure)
        {
            GatewayLog.IdentityUnreachable(logger, failure.Message);
            return new TokenCheck(IsRefused: false, User: null);
        }
    }
}
