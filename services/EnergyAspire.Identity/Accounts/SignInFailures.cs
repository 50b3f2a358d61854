using EnergyAspire.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Identity.Accounts;

/// <summary>Locks a name for five minutes after five failures in a row.</summary>
public sealed class SignInFailures(AuthDbContext db, TimeProvider time)
{
    /// <summary>Failures in a row that lock a name.</summary>
    public const int Limit = 5;

    /// <summary>How long a name stays locked.</summary>
    public static readonly TimeSpan LockDuration = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Counts an attempt as a failure before its password is looked at, so that attempts at the same moment, in any replica, can't
    /// all be the last one allowed. A success takes it back with <see cref="ClearAsync"/>.
    /// </summary>
    public async Task<SignInAttempt> BeginAsync(string normalizedUsername, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var lockedUntil = now + LockDuration;

        var counted = await db.Database.SqlQuery<int>($"""
            insert into sign_in_failures as failure (normalized_username, failures, last_failure_at)
            values ({normalizedUsername}, 1, {now})
            on conflict (normalized_username) do update set
                failures = case when failure.locked_until <= {now} then 1 else failure.failures + 1 end,
                last_failure_at = {now},
                locked_until = case when failure.locked_until is null and failure.failures + 1 >= {Limit} then {lockedUntil} end
            where failure.locked_until is null or failure.locked_until <= {now}
            returning failures as "Value"
            """).ToListAsync(cancel);
        if (counted.Count > 0)
            return new SignInAttempt(IsAllowed: true, LocksName: counted[0] >= Limit, lockedUntil);

        var until = await db.SignInFailures
            .Where(failure => failure.NormalizedUsername == normalizedUsername)
            .Select(failure => failure.LockedUntil)
            .SingleOrDefaultAsync(cancel);

        return new SignInAttempt(IsAllowed: false, LocksName: false, until ?? now);
    }

    /// <summary>Forgets a name's failures after a success.</summary>
    public Task ClearAsync(string normalizedUsername, CancellationToken cancel) =>
        db.SignInFailures.Where(failure => failure.NormalizedUsername == normalizedUsername).ExecuteDeleteAsync(cancel);
}

/// <summary>Whether a sign-in may be tried.</summary>
/// <param name="IsAllowed">Whether its password may be looked at.</param>
/// <param name="LocksName">Whether the name is locked unless this attempt succeeds.</param>
/// <param name="LockedUntil">End of the lock, where there is or will be one.</param>
public readonly record struct SignInAttempt(bool IsAllowed, bool LocksName, DateTimeOffset LockedUntil);
