using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace EnergyAspire.ServiceDefaults.Authentication;

/// <summary>What a service's own database says about an account whose token it is shown.</summary>
/// <param name="TokenGeneration">Tokens of an earlier generation are worthless; it grows with a change of role or password, a lock and the like.</param>
/// <param name="IsDeleted">Whether the account is gone, and all its tokens with it.</param>
public sealed record AccountStanding(long TokenGeneration, bool IsDeleted)
{
    /// <summary>Whether a token of this generation still counts.</summary>
    public bool Accepts(long tokenGeneration) => !IsDeleted && tokenGeneration >= TokenGeneration;
}

/// <summary>
/// Refuses access tokens from before their account changed. Services know of the change by the event that tells of it, so a token is
/// worthless everywhere as soon as the event has come; a standing is remembered for a second.
/// </summary>
public sealed class AccountStandings(IMemoryCache cache, Func<Guid, CancellationToken, Task<AccountStanding?>> find)
{
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(1);

    /// <summary>Whether a token of this generation still counts. An account that this service hasn't heard of yet is taken at its token's word.</summary>
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

/// <summary>Adds <see cref="AccountStandings"/>.</summary>
public static class AccountStandingExtensions
{
    /// <summary>Checks each access token against what the service's database knows.</summary>
    /// <param name="builder">Service.</param>
    /// <param name="find">Reads the standing of one account; null when the database has none.</param>
    public static IHostApplicationBuilder AddAccountStandings<TContext>(
        this IHostApplicationBuilder builder, Func<TContext, Guid, CancellationToken, Task<AccountStanding?>> find)
        where TContext : DbContext
    {
        builder.Services.AddMemoryCache();
        builder.Services.AddSingleton(services => new AccountStandings(
            services.GetRequiredService<IMemoryCache>(),
            async (accountId, cancel) =>
            {
                // Not the request's own context: the request of a socket lives for hours, and so would what it holds.
                await using var scope = services.CreateAsyncScope();
                return await find(scope.ServiceProvider.GetRequiredService<TContext>(), accountId, cancel);
            }));

        return builder;
    }
}
