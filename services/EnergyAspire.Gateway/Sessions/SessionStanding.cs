using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Caching.Memory;

namespace EnergyAspire.Gateway.Sessions;

/// <summary>
/// Checks whether a session is still valid. A cookie outlasts the deletion, lock or change of its account and the sign-out, and a copy of it may
/// be sent to any replica. So Identity is asked, at most once a second per session.
/// </summary>
/// <remarks>While Identity is unavailable, sessions stay valid until their access token expires.</remarks>
public sealed class SessionStanding(IdentityClient identity, IMemoryCache cache, SessionEnds ends, ILogger<SessionStanding> logger)
{
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(1);

    /// <summary>Returns the session with the current name and role of its account; null when it has ended.</summary>
    public async Task<Session?> CheckAsync(Session session)
    {
        if (await ends.HasEndedAsync(session.Id))
            return null;

        var key = (typeof(SessionStanding), Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(session.Access))));
        var check = cache.GetOrCreate(key, entry =>
        {
            entry.AbsoluteExpirationRelativeToNow = Remembered;
            // Not cancelled with the first request, because other requests wait for the same result.
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
