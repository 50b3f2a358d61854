using EnergyAspire.Identity.Accounts;
using EnergyAspire.Identity.Tokens;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EnergyAspire.Identity.Data;

internal sealed class AccountConfiguration : IEntityTypeConfiguration<Account>
{
    public void Configure(EntityTypeBuilder<Account> account)
    {
        account.ToTable("accounts");
        account.Property(a => a.UserName).HasColumnName("username").HasMaxLength(Account.LongestUsername).IsRequired();
        account.Property(a => a.NormalizedUserName).HasColumnName("normalized_username").HasMaxLength(Account.LongestUsername).IsRequired();
        account.Property(a => a.PasswordHash).IsRequired();
        account.Property(a => a.Role).HasMaxLength(16);
        account.Property(a => a.State).HasConversion<string>().HasMaxLength(16);
        account.Property(a => a.ConcurrencyStamp).IsConcurrencyToken();
        account.HasIndex(a => a.NormalizedUserName).IsUnique();

        // Profiles hold e-mail and phone; lockout counts names, not accounts (see SignInFailure).
        account.Ignore(a => a.Email).Ignore(a => a.NormalizedEmail).Ignore(a => a.EmailConfirmed);
        account.Ignore(a => a.PhoneNumber).Ignore(a => a.PhoneNumberConfirmed).Ignore(a => a.TwoFactorEnabled);
        account.Ignore(a => a.LockoutEnabled).Ignore(a => a.LockoutEnd).Ignore(a => a.AccessFailedCount);
    }
}

internal sealed class SignInFailureConfiguration : IEntityTypeConfiguration<SignInFailure>
{
    public void Configure(EntityTypeBuilder<SignInFailure> failure)
    {
        failure.ToTable("sign_in_failures");
        failure.HasKey(f => f.NormalizedUsername);
        failure.HasIndex(f => f.LastFailureAt);
    }
}

internal sealed class StoredKeyConfiguration : IEntityTypeConfiguration<StoredKey>
{
    public void Configure(EntityTypeBuilder<StoredKey> key)
    {
        key.ToTable("signing_keys");
        key.HasKey(k => k.Id);
        key.Property(k => k.Use).HasMaxLength(8);
    }
}
