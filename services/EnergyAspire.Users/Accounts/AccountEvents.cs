using EnergyAspire.Contracts;
using EnergyAspire.Messaging.Sagas;
using EnergyAspire.Users.Data;
using EnergyAspire.Users.Profiles;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Users.Accounts;

/// <summary>
/// Applies Identity's events of accounts. The version of the replica is compared first, so an older or repeated event has no effect.
/// </summary>
public static class AccountEvents
{
    /// <summary>
    /// Stores a new account. An account that was created without a registration saga, such as the first admin, gets its profile here.
    /// </summary>
    public static Task Apply(EventEnvelope<UserCreated> envelope, UserDbContext db, CancellationToken cancel)
    {
        var (id, username, role, generation) = envelope.Data;
        return ShowAsync(db, id, username, role, generation, envelope.Version, envelope.OccurredAt, cancel);
    }

    /// <summary>Stores an account's new name, role and token generation. Earlier tokens become invalid.</summary>
    public static Task Apply(EventEnvelope<UserUpdated> envelope, UserDbContext db, CancellationToken cancel)
    {
        var (id, username, role, generation) = envelope.Data;
        return ShowAsync(db, id, username, role, generation, envelope.Version, envelope.OccurredAt, cancel);
    }

    /// <summary>Deletes all data of the person, including the data for undoing saga steps, and stores a tombstone.</summary>
    public static async Task Apply(EventEnvelope<UserDeleted> envelope, UserDbContext db, CancellationToken cancel)
    {
        var id = envelope.Data.Id;
        await AccountReplicas.Table.BuryAsync(db, [(id, envelope.Version)], cancel);
        await db.Profiles.IgnoreQueryFilters().Where(profile => profile.Id == id).ExecuteDeleteAsync(cancel);
        await db.ReleaseEmailsAsync(id, cancel);
        await db.ForgetStepsAsync(id, cancel);
    }

    private static async Task ShowAsync(
        UserDbContext db, Guid id, string username, string role, long generation, long version, DateTimeOffset at, CancellationToken cancel)
    {
        var account = new AccountReplica { Id = id, TokenGeneration = generation, Version = version, IsDeleted = false };
        if (await AccountReplicas.Table.ShowAsync(db, [account], cancel) is [])
            return;

        // The saga that sent this event has completed, so it can't be undone any more.
        await db.ReleaseEmailsAsync(id, cancel);

        if (await db.LockAsync(id, cancel) is not { } profile)
        {
            db.Add(new Profile { Id = id, Username = username, Role = role, CreatedAt = at, UpdatedAt = at });
        }
        else if (profile.Username != username || profile.Role != role)
        {
            (profile.Username, profile.Role) = (username, role);
            profile.Touch(at);
        }
    }
}
