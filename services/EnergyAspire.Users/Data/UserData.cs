using EnergyAspire.Data;
using EnergyAspire.ServiceDefaults;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Users.Data;

/// <summary>The service's database.</summary>
public static class UserData
{
    /// <summary>Adds the context and applies its migrations at start.</summary>
    public static IHostApplicationBuilder AddUserData(this IHostApplicationBuilder builder)
    {
        builder.AddNpgsqlDbContext<UserDbContext>(
            ResourceNames.UserDatabase,
            // EF Core's retry strategy doesn't work with explicit transactions, which this service uses.
            settings => settings.DisableRetry = true,
            options =>
            {
                options.UseSnakeCaseNamingConvention();
                options.UseAsyncSeeding(async (db, _, cancel) =>
                {
                    if (builder.Environment.IsDevelopment())
                        await DevelopmentProfiles.AddAsync((UserDbContext)db, cancel);
                    await OlderEmails.BringUpToDateAsync((UserDbContext)db, cancel);
                });
            });
        builder.AddDatabaseMigration<UserDbContext>();

        return builder;
    }
}
