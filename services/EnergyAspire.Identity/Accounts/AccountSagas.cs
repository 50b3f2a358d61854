using System.Text.Json;
using EnergyAspire.Contracts;
using EnergyAspire.Identity.Data;
using EnergyAspire.Identity.Sagas;
using EnergyAspire.Identity.Tokens;
using EnergyAspire.Messaging;
using EnergyAspire.Messaging.Outbox;
using EnergyAspire.ServiceDefaults.Audit;
using EnergyAspire.ServiceDefaults.Authentication;
using EnergyAspire.ServiceDefaults.Names;
using EnergyAspire.ServiceDefaults.Versions;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace EnergyAspire.Identity.Accounts;

/// <summary>What a registration needs to know.</summary>
internal sealed record RegistrationData(
    string Username, string PasswordHash, string Role, string? Fname, string? Lname, string? Email, string? Phone);

/// <summary>What an update needs to know; null stays as it is. <c>ExpectedVersion</c> is the only version that may be changed; null when any.</summary>
internal sealed record UpdateData(
    string? Username, string? PasswordHash, string? Role, string? Fname, string? Lname, string? Email, string? Phone, long? ExpectedVersion = null);

/// <summary>What a deletion needs to know.</summary>
/// <param name="Version">Version of the account when it is gone; known once sign-in has stopped.</param>
/// <param name="ExpectedVersion">Version that the caller wants to delete; null when any.</param>
internal sealed record DeletionData(long? Version, long? ExpectedVersion = null);

/// <summary>The changes of accounts that Users and Devices take part in.</summary>
public static class AccountSagas
{
    /// <summary>The login exists but can't be used until the profile and Devices' copy exist too.</summary>
    public static readonly SagaDefinition Registration = new(SagaType.Registration,
    [
        new LocalStep("login", CreateLoginAsync, RemoveLoginAsync),
        new RemoteStep("profile", CreateProfileAsync, UndoProfileAsync),
        new RemoteStep("device_copy", CreateCopyAsync, UndoDevicesAsync),
        new LocalStep("activation", ActivateAsync),
    ]);

    /// <summary>The login changes last, so that nobody signs in as what may be undone. Copies follow by the event.</summary>
    public static readonly SagaDefinition Update = new(SagaType.Update,
    [
        new RemoteStep("profile", UpdateProfileAsync, UndoProfileAsync),
        new LocalStep("login", UpdateLoginAsync),
    ]);

    /// <summary>Sign-in stops first, and comes back last when the rest is undone.</summary>
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
        // A deletion that began before this release has no data yet.
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
        // Newer than the tombstones that copies may hold.
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
        var profile = new { Id = saga.Subject, data.Username, data.Role, data.Fname, data.Lname, data.Email, data.Phone, TokenGeneration = 1 };

        return participants.Users.SendAsync(HttpMethod.Post, "/api/users", saga.Id, profile, cancel);
    }

    private static Task UpdateProfileAsync(Saga saga, Participants participants, CancellationToken cancel)
    {
        var data = Read<UpdateData>(saga);
        var changes = new { data.Username, data.Role, data.Fname, data.Lname, data.Email, data.Phone };

        return participants.Users.SendAsync(HttpMethod.Put, $"/internal/users/{saga.Subject}", saga.Id, changes, cancel);
    }

    private static Task RemoveProfileAsync(Saga saga, Participants participants, CancellationToken cancel) =>
        participants.Users.SendAsync(HttpMethod.Delete, $"/internal/users/{saga.Subject}", saga.Id, body: null, cancel);

    private static Task UndoProfileAsync(Saga saga, Participants participants, CancellationToken cancel) =>
        participants.Users.SendAsync(HttpMethod.Delete, $"/api/users/{saga.Subject}/rollback", saga.Id, body: null, cancel);

    private static Task CreateCopyAsync(Saga saga, Participants participants, CancellationToken cancel)
    {
        var data = Read<RegistrationData>(saga);
        var copy = new { data.Username, data.Role, Version = 1, TokenGeneration = 1 };

        return participants.Devices.SendAsync(HttpMethod.Put, $"/internal/users/{saga.Subject}", saga.Id, copy, cancel);
    }

    private static Task RemoveMappingsAsync(Saga saga, Participants participants, CancellationToken cancel) =>
        participants.Devices.SendAsync(
            HttpMethod.Delete, $"/internal/users/{saga.Subject}?version={Read<DeletionData>(saga).Version}", saga.Id, body: null, cancel);

    private static Task UndoDevicesAsync(Saga saga, Participants participants, CancellationToken cancel) =>
        participants.Devices.SendAsync(HttpMethod.Delete, $"/internal/users/{saga.Subject}/rollback", saga.Id, body: null, cancel);

    private static T Read<T>(Saga saga) => JsonSerializer.Deserialize<T>(saga.Data!, MessageJson.Options)!;

    private static AuditActor Actor(Saga saga) => new(saga.ActorId, saga.Actor, saga.Address);

    private static SagaRefusedException Gone() => new(new SagaRefusal(StatusCodes.Status404NotFound, "The account is gone."));

    /// <exception cref="SagaRefusedException">Somebody has changed the account since the caller read it.</exception>
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
