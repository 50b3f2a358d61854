using EnergyAspire.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Identity.Accounts;

/// <summary>
/// Limits password guessing. A name is locked for a source after five failures in a row. It is locked for all unknown sources when their
/// failures within an hour reach a limit. A browser that the account knows is a source of its own, so others can't lock it out. See decision
/// 0030.
/// </summary>
public sealed class SignInFailures(AuthDbContext db, TimeProvider time)
{
    /// <summary>Failures in a row from one source that lock the name for it.</summary>
    public const int Limit = 5;

    /// <summary>Failures from all unknown sources within an hour that lock the name for all of them. Each address adds at most five.</summary>
    public const int LimitOfUnknown = 100;

    /// <summary>How long a name stays locked for a source. The second lock within an hour is longer, unless the source is known.</summary>
    public static readonly TimeSpan LockDuration = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long a name stays locked for all unknown sources together, and how long the second lock of one of them lasts. Also the period in
    /// which failures are counted.
    /// </summary>
    public static readonly TimeSpan LockDurationOfUnknown = TimeSpan.FromHours(1);

    /// <summary>Until when sign-in under a name is refused for a source; null when it isn't.</summary>
    public async Task<DateTimeOffset?> LockedUntilAsync(string normalizedUsername, SignInSource source, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var others = source.IsKnown ? source.Key : SignInSource.Unknown;

        return await db.SignInFailures
            .Where(failure => failure.NormalizedUsername == normalizedUsername && (failure.Source == source.Key || failure.Source == others))
            .Where(failure => failure.LockedUntil > now)
            .MaxAsync(failure => failure.LockedUntil, cancel);
    }

    /// <summary>
    /// Counts a failure after the password was checked. Of concurrent failures, in all replicas, only as many count as the limit allows. The
    /// others must be answered as if the name had been locked before, so that the answer doesn't reveal whether their password was right.
    /// </summary>
    public async Task<CountedFailure> CountAsync(string normalizedUsername, SignInSource source, CancellationToken cancel)
    {
        if (source.IsKnown)
            return await CountOneAsync(normalizedUsername, source, LockDuration, cancel);

        // The lock counts failures of unknown sources one at a time, so that none is counted after the limit is reached.
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({normalizedUsername}, 0))", cancel);
        if (await LockedUntilAsync(normalizedUsername, source, cancel) is { } lockedUntil)
            return new CountedFailure(CameTooLate: true, lockedUntil);

        var counted = await CountOneAsync(normalizedUsername, source, LockDurationOfUnknown, cancel);
        if (await SumOfUnknownAsync(normalizedUsername, cancel) >= LimitOfUnknown)
            counted = counted with { LockedUntil = await LockUnknownAsync(normalizedUsername, cancel) };
        await transaction.CommitAsync(cancel);

        return counted;
    }

    /// <summary>
    /// Deletes a source's failures after the right password. If the name has been locked meanwhile, returns the end of the lock instead.
    /// </summary>
    public async Task<DateTimeOffset?> ForgetAsync(string normalizedUsername, SignInSource source, CancellationToken cancel)
    {
        if (await LockedUntilAsync(normalizedUsername, source, cancel) is { } lockedUntil)
            return lockedUntil;

        await db.SignInFailures
            .Where(failure => failure.NormalizedUsername == normalizedUsername && failure.Source == source.Key)
            .ExecuteDeleteAsync(cancel);
        return null;
    }

    /// <summary>Counts a failure of one source. The count starts again after an hour without failures, and after the second lock.</summary>
    private async Task<CountedFailure> CountOneAsync(string name, SignInSource source, TimeSpan secondLock, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var countsSince = now - LockDurationOfUnknown;
        var counted = await db.Database.SqlQuery<DateTimeOffset?>($"""
            insert into sign_in_failures as failure (normalized_username, source, failures, last_failure_at)
            values ({name}, {source.Key}, 1, {now})
            on conflict (normalized_username, source) do update set
                failures = case when failure.last_failure_at <= {countsSince} or failure.failures >= {2 * Limit} then 1 else failure.failures + 1 end,
                last_failure_at = {now},
                locked_until = case
                    when failure.last_failure_at <= {countsSince} then null
                    when failure.failures + 1 = {Limit} then {now + LockDuration}
                    when failure.failures + 1 = {2 * Limit} then {now + secondLock}
                end
            where failure.locked_until is null or failure.locked_until <= {now}
            returning locked_until as "Value"
            """).ToListAsync(cancel);
        if (counted.Count > 0)
            return new CountedFailure(CameTooLate: false, counted[0]);

        var until = await db.SignInFailures
            .Where(failure => failure.NormalizedUsername == name && failure.Source == source.Key)
            .Select(failure => failure.LockedUntil)
            .SingleOrDefaultAsync(cancel);
        return new CountedFailure(CameTooLate: true, until ?? now);
    }

    private async Task<int> SumOfUnknownAsync(string name, CancellationToken cancel)
    {
        var countsSince = time.GetUtcNow() - LockDurationOfUnknown;

        return await db.SignInFailures
            .Where(failure => failure.NormalizedUsername == name && failure.LastFailureAt > countsSince)
            .Where(failure => failure.Source != SignInSource.Unknown && failure.Source != SignInSource.OwnSession.Key)
            .Where(failure => !EF.Functions.Like(failure.Source, SignInSource.BrowserPrefix + "%"))
            .SumAsync(failure => Math.Min(failure.Failures, Limit), cancel);
    }

    private async Task<DateTimeOffset> LockUnknownAsync(string name, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var lockedUntil = now + LockDurationOfUnknown;
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into sign_in_failures (normalized_username, source, failures, last_failure_at, locked_until)
            values ({name}, {SignInSource.Unknown}, {LimitOfUnknown}, {now}, {lockedUntil})
            on conflict (normalized_username, source) do update set
                failures = excluded.failures, last_failure_at = excluded.last_failure_at, locked_until = excluded.locked_until
            """,
            cancel);

        return lockedUntil;
    }
}

/// <summary>Result of counting a failure.</summary>
/// <param name="CameTooLate">Whether the name was locked already. Then the answer must not depend on the password.</param>
/// <param name="LockedUntil">Until when the name is locked, which may be due to this failure; null when it isn't.</param>
public readonly record struct CountedFailure(bool CameTooLate, DateTimeOffset? LockedUntil);
