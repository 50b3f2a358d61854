using System.Text.Json;
using EnergyAspire.Data.Lists;
using EnergyAspire.Identity.Accounts;
using EnergyAspire.Identity.Sagas;
using EnergyAspire.Identity.Tokens;
using EnergyAspire.Identity.Tokens.Browser;
using EnergyAspire.Messaging;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EnergyAspire.Identity.Data;

internal sealed class AccountConfiguration : IEntityTypeConfiguration<Account>
{
    public void Configure(EntityTypeBuilder<Account> account)
    {
        account.ToTable("accounts");
        account.Property(a => a.UserName!).HasColumnName("username").HasMaxLength(Account.LongestUsername).IsRequired().OrderedAsName();
        account.Property(a => a.NormalizedUserName).HasColumnName("normalized_username").HasMaxLength(Account.LongestUsername).IsRequired();
        account.Property(a => a.PasswordHash).IsRequired();
        account.Property(a => a.Role).HasMaxLength(16);
        account.Property(a => a.State).HasConversion<string>().HasMaxLength(16);
        account.Property(a => a.ConcurrencyStamp).IsConcurrencyToken();
        account.HasIndex(a => a.NormalizedUserName).IsUnique();
        // For the sort order of lists.
        account.HasIndex(a => new { a.UserName, a.Id });

        // Profiles hold e-mail and phone. The lockout counts failures by name, not by account (see SignInFailure).
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
        failure.HasKey(f => new { f.NormalizedUsername, f.Source });
        failure.HasIndex(f => f.LastFailureAt);
    }
}

internal sealed class EndedBrowserSessionConfiguration : IEntityTypeConfiguration<EndedBrowserSession>
{
    public void Configure(EntityTypeBuilder<EndedBrowserSession> session)
    {
        session.ToTable("ended_browser_sessions");
        session.HasKey(s => s.Id);
        session.Property(s => s.Id).ValueGeneratedNever();
        session.HasIndex(s => s.EndedAt);
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

internal sealed class SagaConfiguration : IEntityTypeConfiguration<Saga>
{
    public void Configure(EntityTypeBuilder<Saga> saga)
    {
        saga.ToTable("sagas");
        saga.HasKey(s => s.Id);
        saga.Property(s => s.Id).ValueGeneratedNever();
        saga.Property(s => s.Type).HasConversion<string>().HasMaxLength(16);
        saga.Property(s => s.State).HasConversion<string>().HasMaxLength(16);
        saga.Property(s => s.Data).HasColumnType("jsonb");
        saga.Property(s => s.Steps).HasJsonConversion();
        saga.Property(s => s.Refusal).HasJsonConversion();
        saga.Property(s => s.Fence).IsConcurrencyToken();
        saga.Ignore(s => s.IsFinished);

        // Of two concurrent sagas about an account the database accepts one.
        saga.HasIndex(s => s.Subject).IsUnique().HasFilter("finished_at is null").HasDatabaseName("ix_sagas_unfinished_subject");
        saga.HasIndex(s => s.LeasedUntil).HasFilter("finished_at is null").HasDatabaseName("ix_sagas_unfinished");
        saga.HasIndex(s => new { s.Subject, s.Id });
    }
}

internal static class JsonConversion
{
    /// <summary>Stores a value as JSON and compares it by content, so that a change within it is saved.</summary>
    public static PropertyBuilder<T> HasJsonConversion<T>(this PropertyBuilder<T> property) => property
        .HasColumnType("jsonb")
        .HasConversion(
            value => JsonSerializer.Serialize(value, MessageJson.Options),
            json => JsonSerializer.Deserialize<T>(json, MessageJson.Options)!,
            new ValueComparer<T>(
                (left, right) => JsonSerializer.Serialize(left, MessageJson.Options) == JsonSerializer.Serialize(right, MessageJson.Options),
                value => JsonSerializer.Serialize(value, MessageJson.Options).GetHashCode(StringComparison.Ordinal),
                value => JsonSerializer.Deserialize<T>(JsonSerializer.Serialize(value, MessageJson.Options), MessageJson.Options)!));
}
