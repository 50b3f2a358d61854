using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace EnergyAspire.Data;

/// <summary>Adds <see cref="AccountStandings"/>.</summary>
public static class AccountStandingExtensions
{
    /// <summary>Checks each access token against the account's replica in the service's database.</summary>
    /// <param name="find">Reads the standing of one account; null when the database has no such account.</param>
    public static IHostApplicationBuilder AddAccountStandings<TContext>(
        this IHostApplicationBuilder builder, Func<TContext, Guid, CancellationToken, Task<AccountStanding?>> find)
        where TContext : DbContext
    {
        builder.Services.AddMemoryCache();
        builder.Services.AddSingleton(services => new AccountStandings(
            services.GetRequiredService<IMemoryCache>(),
            async (accountId, cancel) =>
            {
                // A new scope instead of the request's: a WebSocket request lasts for hours, and its context would keep resources for as long.
                await using var scope = services.CreateAsyncScope();
                return await find(scope.ServiceProvider.GetRequiredService<TContext>(), accountId, cancel);
            }));

        return builder;
    }
}
