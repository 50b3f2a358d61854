using EnergyAspire.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Identity.Accounts;

/// <summary>
/// Locks a name for a source after five failures in a row, and for all unknown sources together after a hundred: guesses are slow, and
/// nobody locks others out whose browser is known. See decision 0030.
/// </summary>
public sealed class SignInFailures(AuthDbContext db, TimeProvider time)
{
    /// <summary>Failures in a row from one source that lock the name for it.</summary>
    public const int Limit = 5;

    /// <summary>Failures from all unknown sources that lock the name for all of them.</summary>
    public const int LimitOfUnknown = 100;

    /// <summary>How long a name stays locked for a source.</summary>
    public static readonly TimeSpan LockDuration = TimeSpan.FromMinutes(5);

    /// <summary>How long it stays locked for all unknown sources.</summary>
    public static readonly TimeSpan LockDurationOfUnknown = TimeSpan.FromHours(1);

    /// <summary>Until when nobody signs in under a name from a source; null when they may try.</summary>
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
    /// Counts a failure after its password was looked at. Of failures at the same moment, in any replica, as many count as the limit
    /// allows; the answer to the others must be that the name is locked, so that they tell nothing of their passwords.
    /// </summary>
    public async Task<CountedFailure> CountAsync(string normalizedUsername, SignInSource source, CancellationToken cancel)
    {
        var counted = await CountAsync(normalizedUsername, source.Key, Limit, LockDuration, cancel);
        if (source.IsKnown || counted.CameTooLate)
            return counted;

        var all = await CountAsync(normalizedUsername, SignInSource.Unknown, LimitOfUnknown, LockDurationOfUnknown, cancel);
        return all.LockedUntil is null ? counted : all;
    }

    /// <summary>Forgets a source's failures after the right password; the end of the lock when it came too late.</summary>
    public async Task<DateTimeOffset?> ForgetAsync(string normalizedUsername, SignInSource source, CancellationToken cancel)
    {
        if (await LockedUntilAsync(normalizedUsername, source, cancel) is { } lockedUntil)
            return lockedUntil;

        await db.SignInFailures
            .Where(failure => failure.NormalizedUsername == normalizedUsername && failure.Source == source.Key)
            .ExecuteDeleteAsync(cancel);
        return null;
    }

    private async Task<CountedFailure> CountAsync(string name, string source, int limit, TimeSpan duration, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var lockedUntil = now + duration;
        var counted = await db.Database.SqlQuery<DateTimeOffset?>($"""
            insert into sign_in_failures as failure (normalized_username, source, failures, last_failure_at)
            values ({name}, {source}, 1, {now})
            on conflict (normalized_username, source) do update set
                failures = case when failure.locked_until <= {now} then 1 else failure.failures + 1 end,
                last_failure_at = {now},
                locked_until = case when failure.locked_until is null and failure.failures + 1 >= {limit} then {lockedUntil} end
            where failure.locked_until is null or failure.locked_until <= {now}
            returning locked_until as "Value"
            """).ToListAsync(cancel);
        if (counted.Count > 0)
            return new CountedFailure(CameTooLate: false, counted[0]);

        var until = await db.SignInFailures
            .Where(failure => failure.NormalizedUsername == name && failure.Source == source)
            .Select(failure => failure.LockedUntil)
            .SingleOrDefaultAsync(cancel);
        return new CountedFailure(CameTooLate: true, until ?? now);
    }
}

/// <summary>What came of counting a failure.</summary>
/// <param name="CameTooLate">Whether the name was locked already: then nothing may be told of the password.</param>
/// <param name="LockedUntil">Until when the name is locked, perhaps by this failure; null when it isn't.</param>
public readonly record struct CountedFailure(bool CameTooLate, DateTimeOffset? LockedUntil);
