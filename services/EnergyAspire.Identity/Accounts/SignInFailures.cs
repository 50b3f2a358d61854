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

    /// <summary>Until when a name is locked; null when it isn't.</summary>
    public async Task<DateTimeOffset?> FindLockAsync(string normalizedUsername, CancellationToken cancel)
    {
        var now = time.GetUtcNow();

        return await db.SignInFailures
            .Where(failure => failure.NormalizedUsername == normalizedUsername && failure.LockedUntil > now)
            .Select(failure => failure.LockedUntil)
            .SingleOrDefaultAsync(cancel);
    }

    /// <summary>Counts a failure; returns until when the name is locked if this was one too many.</summary>
    public async Task<DateTimeOffset?> RecordAsync(string normalizedUsername, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var lockedUntil = now + LockDuration;

        // One statement, so that failures at the same moment in any replica all count.
        var recorded = await db.Database.SqlQuery<DateTimeOffset?>($"""
            insert into sign_in_failures as failure (normalized_username, failures, last_failure_at)
            values ({normalizedUsername}, 1, {now})
            on conflict (normalized_username) do update set
                failures = case when failure.locked_until <= {now} then 1 else failure.failures + 1 end,
                last_failure_at = {now},
                locked_until = case
                    when failure.locked_until <= {now} then null
                    when failure.failures + 1 >= {Limit} then coalesce(failure.locked_until, {lockedUntil})
                end
            returning locked_until as "Value"
            """).ToListAsync(cancel);

        return recorded[0];
    }

    /// <summary>Forgets a name's failures after a success.</summary>
    public Task ClearAsync(string normalizedUsername, CancellationToken cancel) =>
        db.SignInFailures.Where(failure => failure.NormalizedUsername == normalizedUsername).ExecuteDeleteAsync(cancel);
}
