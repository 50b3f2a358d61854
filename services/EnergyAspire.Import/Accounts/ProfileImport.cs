using EnergyAspire.Api.Names;
using EnergyAspire.Data.Audit;
using EnergyAspire.Identity.Accounts;
using EnergyAspire.Import.Old;
using EnergyAspire.Import.Reporting;
using EnergyAspire.Users.Profiles;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Import.Accounts;

/// <summary>Imports the profiles of accounts.</summary>
internal sealed class ProfileImport
{
    private const string Subject = "profile";
    private const int LongestName = 150;

    private static readonly AuditActor Actor = new(Id: null, "import", Address: null);

    private readonly ImportDatabases _databases;
    private readonly ImportReport _report;
    private readonly bool _isDryRun;
    private readonly HashSet<string> _takenEmails;

    private ProfileImport(ImportDatabases databases, ImportReport report, bool isDryRun, HashSet<string> takenEmails) =>
        (_databases, _report, _isDryRun, _takenEmails) = (databases, report, isDryRun, takenEmails);

    /// <summary>Creates it, with the e-mail addresses that are taken here.</summary>
    public static async Task<ProfileImport> CreateAsync(ImportDatabases databases, ImportReport report, bool isDryRun, CancellationToken cancel)
    {
        await using var db = databases.Users();
        var emails = await db.Profiles.IgnoreQueryFilters()
            .Where(profile => profile.NormalizedEmail != null)
            .Select(profile => profile.NormalizedEmail!)
            .ToListAsync(cancel);
        var held = await db.EmailHolds.Select(hold => hold.NormalizedEmail).ToListAsync(cancel);

        return new ProfileImport(databases, report, isDryRun, emails.Concat(held).ToHashSet(StringComparer.Ordinal));
    }

    /// <summary>Adds the profile of an account, unless it is here already.</summary>
    /// <param name="account">Account, with its name and role here.</param>
    /// <param name="old">The replaced system's profile; null when it has none.</param>
    public async Task AddAsync(Account account, OldProfile? old, CancellationToken cancel)
    {
        await using var db = _databases.Users();
        if (await db.Profiles.IgnoreQueryFilters().AnyAsync(profile => profile.Id == account.Id, cancel))
            return;

        if (old is null)
            _report.Note(Subject, account.Id, $"{account.UserName} has no profile there, and gets one without names.");
        var profile = new Profile
        {
            Id = account.Id,
            Username = account.UserName!,
            Role = account.Role,
            Fname = NameOf(account, old?.Fname, "first name"),
            Lname = NameOf(account, old?.Lname, "last name"),
            Email = EmailOf(account, old?.Email),
            Phone = string.IsNullOrWhiteSpace(old?.Phone) ? null : old.Phone.Trim(),
            CreatedAt = account.CreatedAt,
            UpdatedAt = account.CreatedAt,
        };
        if (profile.NormalizedEmail is { } email)
            _takenEmails.Add(email);
        if (_isDryRun)
            return;

        // As in the registration: the account's event raises the version of the replica.
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        db.Add(profile);
        db.Audit(Actor, "profile_imported", account.CreatedAt, account.Id, after: ProfileFields.ValuesOf(profile));
        await db.SaveChangesAsync(cancel);
        await db.Database.ExecuteSqlAsync($"""
            insert into accounts (id, token_generation, version, is_deleted) values ({account.Id}, {account.TokenGeneration}, 0, false)
            on conflict do nothing
            """, cancel);
        await transaction.CommitAsync(cancel);
    }

    /// <summary>Returns a name in its stored form. A name that the rules refuse stays as it is; a name of invisible characters is left out.</summary>
    private string? NameOf(Account account, string? name, string what)
    {
        if (string.IsNullOrWhiteSpace(name))
            return null;

        var read = DisplayNames.Read(name, $"The {what}", LongestName);
        if (read.Error is { } error)
            _report.Note(Subject, account.Id, $"The {what} of {account.UserName} stays as it is, but couldn't be chosen here: {error}");

        return read.Error is null ? read.Value : name.Normalize();
    }

    private string? EmailOf(Account account, string? email)
    {
        if (string.IsNullOrWhiteSpace(email))
            return null;

        if (_takenEmails.Contains(EmailAddresses.Key(email)))
        {
            _report.Changed(
                Subject, account.Id, $"{account.UserName} has no e-mail address here, because {email} is taken. Addresses are compared without regard to case.");
            return null;
        }

        var read = EmailAddresses.Read(email);
        if (read.Error is { } error)
            _report.Note(Subject, account.Id, $"The e-mail address {email} of {account.UserName} stays as it is, but couldn't be chosen here: {error}");

        return read.Error is null ? read.Value : email;
    }
}
