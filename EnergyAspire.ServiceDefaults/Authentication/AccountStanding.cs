using Microsoft.Extensions.Caching.Memory;

namespace EnergyAspire.ServiceDefaults.Authentication;

/// <summary>What a service's own database stores about the validity of an account's tokens.</summary>
/// <param name="TokenGeneration">
/// Tokens of an earlier generation are invalid. It grows when tokens must be invalidated, for example by a change of role or password, or a
/// lock.
/// </param>
/// <param name="IsDeleted">Whether the account is deleted, which invalidates all its tokens.</param>
public sealed record AccountStanding(long TokenGeneration, bool IsDeleted)
{
    /// <summary>Whether a token of this generation is still valid.</summary>
    public bool Accepts(long tokenGeneration) => !IsDeleted && tokenGeneration >= TokenGeneration;
}

/// <summary>
/// Refuses access tokens that a change of their account has invalidated. The change reaches a service by an event, so the service refuses the
/// tokens as soon as it has processed the event. Results are cached for a second.
/// </summary>
public sealed class AccountStandings(IMemoryCache cache, Func<Guid, CancellationToken, Task<AccountStanding?>> find)
{
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Whether a token of this generation is still valid. For an account that this service doesn't know yet, the token is accepted.
    /// </summary>
    public async Task<bool> AcceptsAsync(Guid accountId, long tokenGeneration, CancellationToken cancel)
    {
        var standing = await cache.GetOrCreateAsync((typeof(AccountStandings), accountId), entry =>
        {
            entry.AbsoluteExpirationRelativeToNow = Remembered;
            return find(accountId, cancel);
        });

        return standing?.Accepts(tokenGeneration) ?? true;
    }
}
