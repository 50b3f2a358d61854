using EnergyAspire.Data;
using EnergyAspire.Identity.Data;
using EnergyAspire.Identity.Sagas;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Identity.Accounts;

internal static class AccountExtensions
{
    // PBKDF2 with HMAC-SHA512, as OWASP's password storage cheat sheet asks for.
    internal const int HashIterations = 210_000;

    /// <summary>Adds accounts, their password rules and sign-in.</summary>
    public static void AddAccounts(this IHostApplicationBuilder builder)
    {
        builder.Services.Configure<PasswordHasherOptions>(options => options.IterationCount = HashIterations);
        builder.Services.AddSingleton<IPasswordHasher<Account>, AccountHasher>();
        builder.Services.AddSingleton<ILookupNormalizer, UpperInvariantLookupNormalizer>();
        builder.Services.AddSingleton<PasswordDecoy>();
        builder.Services.AddSingleton<Passwords>();
        builder.Services.AddSingleton<KnownBrowsers>();
        builder.Services.AddSingleton<IdentityMetrics>();
        builder.Services.AddScoped<SignInFailures>();
        builder.Services.AddScoped<SignIn>();

        builder.AddSagas(AccountSagas.Registration, AccountSagas.Update, AccountSagas.Deletion);

        // Identity has every account, so one that isn't found was deleted.
        builder.AddAccountStandings<AuthDbContext>(async (db, id, cancel) =>
            await db.Accounts.Where(account => account.Id == id)
                .Select(account => new AccountStanding(account.TokenGeneration, account.State == AccountState.Deleting))
                .SingleOrDefaultAsync(cancel)
            ?? new AccountStanding(0, IsDeleted: true));

        var identity = builder.Services
            .AddIdentityCore<Account>(options =>
            {
                // Length makes a password strong; rules on its characters don't (NIST SP 800-63B).
                options.Password.RequiredLength = 8;
                options.Password.RequireDigit = false;
                options.Password.RequireLowercase = false;
                options.Password.RequireUppercase = false;
                options.Password.RequireNonAlphanumeric = false;
            })
            .AddUserStore<UserOnlyStore<Account, AuthDbContext, Guid>>();
        if (!builder.Environment.IsDevelopment())
            identity.AddPasswordValidator<GuessablePasswords>();
    }

    /// <summary>Maps all endpoints of accounts.</summary>
    public static void MapAccounts(this IEndpointRouteBuilder routes)
    {
        routes.MapRegistration();
        routes.MapAccountList();
        routes.MapAccountChanges();
        routes.MapPasswordChange();
        routes.MapLocks();
        routes.MapAccountSource();
    }
}
