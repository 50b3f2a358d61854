using EnergyAspire.Contracts;
using EnergyAspire.Messaging.Sagas;
using EnergyAspire.Users.Data;
using EnergyAspire.Users.Profiles;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Users.Accounts;

/// <summary>
/// Applies what Identity says of accounts. The row of the account is guarded by the version, so an older event or a repetition has no effect.
/// </summary>
public static class AccountEvents
{
    /// <summary>Takes note of a new account; one that came about without a registration, such as the first admin, gets its profile here.</summary>
    public static Task Apply(EventEnvelope<UserCreated> envelope, UserDbContext db, CancellationToken cancel)
    {
        var (id, username, role, generation) = envelope.Data;
        return ShowAsync(db, id, username, role, generation, envelope.Version, envelope.OccurredAt, cancel);
    }

    /// <summary>Shows an account's new name or role, and makes its earlier tokens worthless.</summary>
    public static Task Apply(EventEnvelope<UserUpdated> envelope, UserDbContext db, CancellationToken cancel)
    {
        var (id, username, role, generation) = envelope.Data;
        return ShowAsync(db, id, username, role, generation, envelope.Version, envelope.OccurredAt, cancel);
    }

    /// <summary>Removes what is left of the person for good, also what undoing would have needed, and leaves a tombstone.</summary>
    public static async Task Apply(EventEnvelope<UserDeleted> envelope, UserDbContext db, CancellationToken cancel)
    {
        var id = envelope.Data.Id;
        await db.Database.ExecuteSqlAsync($"""
            insert into accounts as held (id, token_generation, version, is_deleted) values ({id}, 0, {envelope.Version}, true)
            on conflict (id) do update set token_generation = 0, version = greatest(held.version, excluded.version), is_deleted = true
            """, cancel);
        await db.Profiles.IgnoreQueryFilters().Where(profile => profile.Id == id).ExecuteDeleteAsync(cancel);
        await db.ReleaseEmailsAsync(id, cancel);
        await db.ForgetStepsAsync(id, cancel);
    }

    private static async Task ShowAsync(
        UserDbContext db, Guid id, string username, string role, long generation, long version, DateTimeOffset at, CancellationToken cancel)
    {
        var isNews = await db.Database.ExecuteSqlAsync($"""
            insert into accounts as held (id, token_generation, version, is_deleted) values ({id}, {generation}, {version}, false)
            on conflict (id) do update set token_generation = excluded.token_generation, version = excluded.version
            where held.version < excluded.version and not held.is_deleted
            """, cancel) == 1;
        if (!isNews)
            return;

        // The saga that this event tells of has ended and isn't undone any more.
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
