using EnergyAspire.Data;
using EnergyAspire.Identity.Accounts;
using EnergyAspire.ServiceDefaults;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace EnergyAspire.Identity.Data;

internal static class AuthDataExtensions
{
    /// <summary>Adds the database, its migrations and its initial accounts.</summary>
    public static void AddAccountData(this IHostApplicationBuilder builder)
    {
        builder.AddNpgsqlDbContext<AuthDbContext>(
            ResourceNames.AuthDatabase,
            settings => settings.DisableRetry = true,
            options => options.UseSnakeCaseNamingConvention());
        builder.Services.AddSingleton<AccountSeed>();
        builder.Services.ConfigureDbContext<AuthDbContext>((services, options) => options.UseAsyncSeeding(
            (db, _, cancel) => services.GetRequiredService<AccountSeed>().RunAsync((AuthDbContext)db, cancel)));
        builder.AddDatabaseMigration<AuthDbContext>();
    }
}

/// <summary>Lets <c>dotnet ef migrations add</c> build the model without a server.</summary>
internal sealed class AuthDbContextFactory : IDesignTimeDbContextFactory<AuthDbContext>
{
    public AuthDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<AuthDbContext>().UseNpgsql().UseSnakeCaseNamingConvention().Options);
}
