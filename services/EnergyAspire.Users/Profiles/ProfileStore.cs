using EnergyAspire.Users.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace EnergyAspire.Users.Profiles;

/// <summary>Locks and saves profiles, so that concurrent changes are not lost.</summary>
internal static class ProfileStore
{
    /// <summary>Reads a profile, also a hidden one whose deletion has begun, and locks its row until the transaction ends.</summary>
    public static Task<Profile?> LockAsync(this UserDbContext db, Guid id, CancellationToken cancel) => db.Profiles
        .FromSql($"select * from profiles where id = {id} for update")
        .IgnoreQueryFilters()
        .SingleOrDefaultAsync(cancel);

    /// <summary>
    /// Saves a profile. If its e-mail address or id is taken, returns the answer to give; then the transaction must not be committed.
    /// </summary>
    public static async Task<ProblemHttpResult?> SaveUnlessTakenAsync(this UserDbContext db, Profile profile, CancellationToken cancel)
    {
        try
        {
            await db.SaveChangesAsync(cancel);
            return profile.Email is { } email && await db.IsHeldForOthersAsync(profile.Id, email, cancel) ? EmailTaken() : null;
        }
        catch (DbUpdateException failure) when (failure.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } taken)
        {
            return taken.ConstraintName == UserDbContext.UniqueEmail
                ? EmailTaken()
                : Taken("id", "An account with this id exists or existed.");
        }
    }

    /// <summary>The answer to a value that must be unique but is taken: 409.</summary>
    public static ProblemHttpResult Taken(string field, string message) => TypedResults.Problem(
        title: message, statusCode: StatusCodes.Status409Conflict,
        extensions: new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["errors"] = new Dictionary<string, string[]>(StringComparer.Ordinal) { [field] = [message] },
        });

    private static ProblemHttpResult EmailTaken() => Taken("email", "This e-mail address is taken.");
}
