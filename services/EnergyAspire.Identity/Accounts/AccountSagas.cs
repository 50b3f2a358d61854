using System.Text.Json;
using EnergyAspire.Api.Names;
using EnergyAspire.Api.Versions;
using EnergyAspire.Contracts;
using EnergyAspire.Data.Audit;
using EnergyAspire.Identity.Data;
using EnergyAspire.Identity.Sagas;
using EnergyAspire.Identity.Tokens;
using EnergyAspire.Messaging;
using EnergyAspire.Messaging.Outbox;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace EnergyAspire.Identity.Accounts;

/// <summary>Input of a registration.</summary>
internal sealed record RegistrationData(
    string Username, string PasswordHash, string Role, string? Fname, string? Lname, string? Email, string? Phone);

/// <summary>
/// Input of an update. A null field keeps its value. <c>ExpectedVersion</c> is the only version that may be changed; null allows any.
/// </summary>
internal sealed record UpdateData(
    string? Username, string? PasswordHash, string? Role, string? Fname, string? Lname, string? Email, string? Phone, long? ExpectedVersion = null);

/// <summary>Input of a deletion.</summary>
/// <param name="Version">Version of the account's tombstone; known once sign-in has stopped.</param>
/// <param name="ExpectedVersion">The only version that may be deleted; null allows any.</param>
internal sealed record DeletionData(long? Version, long? ExpectedVersion = null);

/// <summary>Sagas that change accounts together with Users and Devices.</summary>
public static class AccountSagas
{
    /// <summary>The login exists but can't be used until the profile and Devices' replica exist too.</summary>
    public static readonly SagaDefinition Registration = new(SagaType.Registration,
    [
        new LocalStep("login", CreateLoginAsync, RemoveLoginAsync),
        new RemoteStep("profile", CreateProfileAsync, UndoProfileAsync),
        new RemoteStep("device_copy", CreateReplicaAsync, UndoDevicesAsync),
        new LocalStep("activation", ActivateAsync),
    ]);

    /// <summary>
    /// The login changes last, so that nobody can sign in with a change that may still be undone. Replicas are updated by the event.
    /// </summary>
    public static readonly SagaDefinition Update = new(SagaType.Update,
    [
        new RemoteStep("profile", UpdateProfileAsync, UndoProfileAsync),
        new LocalStep("login", UpdateLoginAsync),
    ]);

    /// <summary>Sign-in is disabled first. In a compensation it is enabled again last.</summary>
    public static readonly SagaDefinition Deletion = new(SagaType.Deletion,
    [
        new LocalStep("sign_in", StopSignInAsync, AllowSignInAsync),
        new RemoteStep("mappings", RemoveMappingsAsync, UndoDevicesAsync),
        new RemoteStep("profile", RemoveProfileAsync, UndoProfileAsync),
        new LocalStep("login", DeleteLoginAsync),
    ]);

    private static async Task CreateLoginAsync(Saga saga, AuthDbContext db, DateTimeOffset now, CancellationToken cancel)
    {
        var data = Read<RegistrationData>(saga);
        db.Add(new Account
        {
            Id = saga.Subject,
            UserName = data.Username,
            NormalizedUserName = Usernames.Key(data.Username),
            PasswordHash = data.PasswordHash,
            Role = data.Role,
            State = AccountState.Registering,
            CreatedAt = saga.StartedAt,
            SecurityStamp = Guid.NewGuid().ToString("N"),
        });
        await SaveUniqueAsync(db, cancel);
    }

    private static async Task RemoveLoginAsync(Saga saga, AuthDbContext db, DateTimeOffset now, CancellationToken cancel) =>
        await db.Accounts.Where(account => account.Id == saga.Subject).ExecuteDeleteAsync(cancel);

    private static async Task ActivateAsync(Saga saga, AuthDbContext db, DateTimeOffset now, CancellationToken cancel)
    {
        var account = await db.Accounts.SingleAsync(account => account.Id == saga.Subject, cancel);
        account.State = AccountState.Active;
        db.Announce(new UserCreated(account.Id, account.UserName!, account.Role, account.TokenGeneration), account.Version, now);
        db.Audit(Actor(saga), "account_registered", now, account.Id, after: AccountFacts.Of(account));
    }

    private static async Task UpdateLoginAsync(Saga saga, AuthDbContext db, DateTimeOffset now, CancellationToken cancel)
    {
        var data = Read<UpdateData>(saga);
        if (data.Role == Roles.Client)
            await db.RequireOtherAdminAsync(saga.Subject, now, cancel);
        var account = await db.LockAccountAsync(saga.Subject, cancel) ?? throw Gone();
        RequireVersion(account, data.ExpectedVersion);
        var before = AccountFacts.Of(account);

        account.UserName = data.Username ?? account.UserName;
        account.NormalizedUserName = Usernames.Key(account.UserName!);
        if (data.PasswordHash is not null || (data.Role ?? account.Role) != account.Role)
            account.TokenGeneration++;
        account.Role = data.Role ?? account.Role;
        account.PasswordHash = data.PasswordHash ?? account.PasswordHash;
        if (data.PasswordHash is not null)
            await db.RevokeTokensAsync(account.Id, cancel);

        db.Audit(Actor(saga), "account_updated", now, account.Id, before: before, after: AccountFacts.Of(account, data.PasswordHash is not null));
        db.AnnounceUpdate(account, now);
        await SaveUniqueAsync(db, cancel);
    }

    private static async Task StopSignInAsync(Saga saga, AuthDbContext db, DateTimeOffset now, CancellationToken cancel)
    {
        await db.RequireOtherAdminAsync(saga.Subject, now, cancel);
        var account = await db.LockAccountAsync(saga.Subject, cancel) ?? throw Gone();
        // A deletion that was started by an older release has no data.
        RequireVersion(account, saga.Data is null ? null : Read<DeletionData>(saga).ExpectedVersion);
        account.State = AccountState.Deleting;
        account.TokenGeneration++;
        db.AnnounceUpdate(account, now);
        saga.Data = JsonSerializer.Serialize(new DeletionData(account.Version + 1), MessageJson.Options);
    }

    private static async Task AllowSignInAsync(Saga saga, AuthDbContext db, DateTimeOffset now, CancellationToken cancel)
    {
        if (await db.LockDeletedAccountAsync(saga.Subject, cancel) is not { } account)
            return;

        account.State = AccountState.Active;
        // The version must be higher than that of tombstones in the replicas.
        account.Version++;
        db.AnnounceUpdate(account, now);
    }

    private static async Task DeleteLoginAsync(Saga saga, AuthDbContext db, DateTimeOffset now, CancellationToken cancel)
    {
        var account = await db.LockDeletedAccountAsync(saga.Subject, cancel) ?? throw Gone();
        await db.RemoveTokensAsync(account.Id, cancel);
        await db.SignInFailures.Where(failure => failure.NormalizedUsername == account.NormalizedUserName).ExecuteDeleteAsync(cancel);
        db.Remove(account);
        db.Announce(new UserDeleted(account.Id), Read<DeletionData>(saga).Version!.Value, now);
        db.Audit(Actor(saga), "account_deleted", now, account.Id, before: AccountFacts.Of(account));
    }

    private static Task CreateProfileAsync(Saga saga, Participants participants, CancellationToken cancel)
    {
        var data = Read<RegistrationData>(saga);
        var profile = new NewProfile(
            saga.Subject, data.Username, data.Role, data.Fname, data.Lname, data.Email, data.Phone, TokenGeneration: 1);

        return participants.Users.SendAsync(HttpMethod.Post, "/api/users", saga.Id, profile, cancel);
    }

    private static Task UpdateProfileAsync(Saga saga, Participants participants, CancellationToken cancel)
    {
        var data = Read<UpdateData>(saga);
        var changes = new AccountChange(data.Username, data.Role, data.Fname, data.Lname, data.Email, data.Phone);

        return participants.Users.SendAsync(HttpMethod.Put, $"/internal/users/{saga.Subject}", saga.Id, changes, cancel);
    }

    private static Task RemoveProfileAsync(Saga saga, Participants participants, CancellationToken cancel) =>
        participants.Users.SendAsync(HttpMethod.Delete, $"/internal/users/{saga.Subject}", saga.Id, body: null, cancel);

    private static Task UndoProfileAsync(Saga saga, Participants participants, CancellationToken cancel) =>
        participants.Users.SendAsync(HttpMethod.Delete, $"/api/users/{saga.Subject}/rollback", saga.Id, body: null, cancel);

    private static Task CreateReplicaAsync(Saga saga, Participants participants, CancellationToken cancel)
    {
        var data = Read<RegistrationData>(saga);
        var user = new ReplicatedUser(data.Username, data.Role, Version: 1, TokenGeneration: 1);

        return participants.Devices.SendAsync(HttpMethod.Put, $"/internal/users/{saga.Subject}", saga.Id, user, cancel);
    }

    private static Task RemoveMappingsAsync(Saga saga, Participants participants, CancellationToken cancel) =>
        participants.Devices.SendAsync(
            HttpMethod.Delete, $"/internal/users/{saga.Subject}?version={Read<DeletionData>(saga).Version}", saga.Id, body: null, cancel);

    private static Task UndoDevicesAsync(Saga saga, Participants participants, CancellationToken cancel) =>
        participants.Devices.SendAsync(HttpMethod.Delete, $"/internal/users/{saga.Subject}/rollback", saga.Id, body: null, cancel);

    private static T Read<T>(Saga saga) => JsonSerializer.Deserialize<T>(saga.Data!, MessageJson.Options)!;

    private static AuditActor Actor(Saga saga) => new(saga.ActorId, saga.Actor, saga.Address);

    private static SagaRefusedException Gone() => new(new SagaRefusal(StatusCodes.Status404NotFound, "The account is gone."));

    /// <exception cref="SagaRefusedException">The account has changed since the caller read it.</exception>
    private static void RequireVersion(Account account, long? expected)
    {
        if (expected is { } version && version != account.Version)
            throw new SagaRefusedException(new SagaRefusal(StatusCodes.Status412PreconditionFailed, EntityTags.OutdatedMessage));
    }

    /// <exception cref="SagaRefusedException">Another account has the username.</exception>
    private static async Task SaveUniqueAsync(AuthDbContext db, CancellationToken cancel)
    {
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateException failure) when (failure.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation, TableName: "accounts" })
        {
            throw new SagaRefusedException(UsernameTaken.Refusal);
        }
    }
}
