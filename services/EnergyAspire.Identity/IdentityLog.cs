namespace EnergyAspire.Identity;

internal static partial class IdentityLog
{
    [LoggerMessage(1, LogLevel.Information, "{Username} ({AccountId}) signed in")]
    public static partial void SignedIn(this ILogger logger, Guid accountId, string username);

    [LoggerMessage(2, LogLevel.Warning, "Sign-in as {Username} failed")]
    public static partial void SignInFailed(this ILogger logger, string username);

    [LoggerMessage(3, LogLevel.Warning, "{Username} is locked for {Duration} after too many failed sign-ins")]
    public static partial void LockedOut(this ILogger logger, string username, TimeSpan duration);

    [LoggerMessage(4, LogLevel.Information, "Sign-in as {Username} refused: locked until {LockedUntil:O}")]
    public static partial void SignInWhileLocked(this ILogger logger, string username, DateTimeOffset lockedUntil);

    [LoggerMessage(5, LogLevel.Warning, "A refresh token or code of account {AccountId} was used twice; its family {Family} is revoked")]
    public static partial void RefreshTokenReused(this ILogger logger, string? accountId, string? family);

    [LoggerMessage(6, LogLevel.Information, "Account {AccountId} signed out; its token family {Family} is revoked")]
    public static partial void SignedOut(this ILogger logger, Guid accountId, string? family);

    [LoggerMessage(7, LogLevel.Information, "Created {Use} key {KeyId}")]
    public static partial void KeyCreated(this ILogger logger, string use, Guid keyId);

    [LoggerMessage(8, LogLevel.Warning, "The signing keys can't be loaded yet: {Reason}")]
    public static partial void KeysNotLoaded(this ILogger logger, string reason);

    [LoggerMessage(9, LogLevel.Warning, "There is no administrator: set Identity:FirstAdmin:Username and Identity:FirstAdmin:Password")]
    public static partial void NoAdministrator(this ILogger logger);

    [LoggerMessage(11, LogLevel.Information, "{Type} saga {SagaId} of account {AccountId} ended: {State}. Last error: {LastError}")]
    public static partial void SagaEnded(this ILogger logger, Sagas.SagaType type, Guid sagaId, Guid accountId, Sagas.SagaState state, string? lastError);

    [LoggerMessage(12, LogLevel.Warning, "{Type} saga {SagaId}: step {Step} failed while {State}: {Reason}")]
    public static partial void StepFailed(this ILogger logger, Sagas.SagaType type, Guid sagaId, string step, Sagas.SagaState state, string reason);

    [LoggerMessage(13, LogLevel.Warning, "Saga {SagaId} was taken over by another replica")]
    public static partial void SagaTakenOver(this ILogger logger, Guid sagaId);

    [LoggerMessage(14, LogLevel.Warning, "Saga {SagaId} waits for the database: {Reason}")]
    public static partial void SagaInterrupted(this ILogger logger, Guid sagaId, string reason);

    [LoggerMessage(15, LogLevel.Information, "Resuming saga {SagaId}, whose lease has expired")]
    public static partial void SagaResumed(this ILogger logger, Guid sagaId);

    [LoggerMessage(17, LogLevel.Information, "Account {AccountId}: {Change} by {Actor}")]
    public static partial void AccountChanged(this ILogger logger, Guid accountId, string change, string actor);

    [LoggerMessage(18, LogLevel.Error, "Account {Username} has the publicly known password of Development. It is locked: set Identity:FirstAdmin to get another administrator, change the account's password, then unlock it")]
    public static partial void DevelopmentAccountLocked(this ILogger logger, string username);

    [LoggerMessage(19, LogLevel.Error, "There is no administrator, and the name {Username} of Identity:FirstAdmin is taken by another account: set another Identity:FirstAdmin:Username")]
    public static partial void FirstAdminNameTaken(this ILogger logger, string username);
}
