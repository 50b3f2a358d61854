using EnergyAspire.Identity.Data;
using EnergyAspire.ServiceDefaults.Audit;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EnergyAspire.Identity.Tokens;

/// <summary>Rotates the keys before their time.</summary>
/// <param name="RetireOld">Whether the old keys go at once, because somebody may have them: everybody must sign in again.</param>
public sealed record KeyRotationRequest(bool RetireOld = false);

/// <summary>A rotation that has begun.</summary>
/// <param name="KeyId">The new signing key's id, the <c>kid</c> of the tokens that it signs.</param>
/// <param name="SignsFrom">From when it signs; until then it is only published.</param>
public sealed record KeyRotationResponse(string KeyId, DateTimeOffset SignsFrom);

/// <summary>Rotation by hand.</summary>
public static class KeyRotationEndpoint
{
    /// <summary>Maps <c>/api/auth/keys/rotate</c>.</summary>
    public static void MapKeyRotation(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/auth/keys/rotate", RotateKeys).WithTags("Tokens").RequireAuthorization(Policies.Admin)
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status403Forbidden);

    /// <summary>Rotates the keys that sign and encrypt tokens.</summary>
    /// <remarks>
    /// Keys rotate by themselves, and nobody notices. With <c>retire_old</c>, for when a key may have leaked, every token from before is
    /// worthless: at once here, within half a minute at other replicas of this service, and at other services as soon as they see a new token.
    /// </remarks>
    /// <param name="request">What happens to the old keys.</param>
    /// <param name="keys">The keys.</param>
    /// <param name="db">Database.</param>
    /// <param name="time">Clock.</param>
    /// <param name="http">Request.</param>
    /// <param name="cancel">Set when the caller goes away.</param>
    public static async Task<Ok<KeyRotationResponse>> RotateKeys(
        KeyRotationRequest? request, KeyStore keys, AuthDbContext db, TimeProvider time, HttpContext http, CancellationToken cancel)
    {
        var retireOld = request?.RetireOld ?? false;
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await keys.LockAsync(cancel);
        var (key, signsFrom) = await keys.RotateAsync(retireOld, cancel);
        var answer = new KeyRotationResponse(key.Id.ToString("N"), signsFrom);
        db.Audit(http.Actor(), "keys_rotated", time.GetUtcNow(), after: new { answer.KeyId, retireOld });
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        await keys.RefreshAsync(CancellationToken.None);

        return TypedResults.Ok(answer);
    }
}
