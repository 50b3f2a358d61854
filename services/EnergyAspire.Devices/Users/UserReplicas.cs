using EnergyAspire.Contracts;
using EnergyAspire.Devices.Data;
using EnergyAspire.Messaging;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Devices.Users;

/// <summary>
/// Keeps the copies of accounts up. Each event is one upsert guarded by the version, so any order and any repetition of
/// events ends in the same rows.
/// </summary>
public static class UserReplicas
{
    /// <summary>Follows the events of accounts.</summary>
    public static IHostApplicationBuilder AddUserReplicas(this IHostApplicationBuilder builder) =>
        builder.AddEventConsumer<DeviceDbContext>(Topology.DeviceSync, events => events
            .On<UserCreated>(Apply)
            .On<UserUpdated>(Apply)
            .On<UserDeleted>(Apply));

    /// <summary>Shows a new account.</summary>
    public static Task Apply(EventEnvelope<UserCreated> envelope, DeviceDbContext db, CancellationToken cancel) =>
        UpsertAsync(db, envelope.Data.Id, envelope.Data.Username, envelope.Data.Role, envelope.Version, isDeleted: false, cancel);

    /// <summary>Shows an account's new name or role.</summary>
    public static Task Apply(EventEnvelope<UserUpdated> envelope, DeviceDbContext db, CancellationToken cancel) =>
        UpsertAsync(db, envelope.Data.Id, envelope.Data.Username, envelope.Data.Role, envelope.Version, isDeleted: false, cancel);

    /// <summary>Leaves a tombstone of the account.</summary>
    public static Task Apply(EventEnvelope<UserDeleted> envelope, DeviceDbContext db, CancellationToken cancel) =>
        UpsertAsync(db, envelope.Data.Id, "", "", envelope.Version, isDeleted: true, cancel);

    private static Task<int> UpsertAsync(
        DeviceDbContext db, Guid id, string username, string role, long version, bool isDeleted, CancellationToken cancel) =>
        db.Database.ExecuteSqlAsync($"""
            insert into user_replicas as held (id, username, role, version, is_deleted)
            values ({id}, {username}, {role}, {version}, {isDeleted})
            on conflict (id) do update set
                username = excluded.username, role = excluded.role, version = excluded.version, is_deleted = excluded.is_deleted
            where held.version < excluded.version
            """, cancel);
}
