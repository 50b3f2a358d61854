using EnergyAspire.Data.Audit;
using EnergyAspire.Identity.Data;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EnergyAspire.Identity.Tokens;

/// <summary>Request to rotate the keys now.</summary>
/// <param name="RetireOld">Whether the old keys are retired at once, because they may have leaked. Then everybody must sign in again.</param>
public sealed record KeyRotationRequest(bool RetireOld = false);

/// <summary>A rotation that has started.</summary>
/// <param name="KeyId">Id of the new signing key, the <c>kid</c> of the tokens that it signs.</param>
/// <param name="SignsFrom">When the new key starts to sign. Until then it is only published.</param>
public sealed record KeyRotationResponse(string KeyId, DateTimeOffset SignsFrom);

/// <summary>Rotation of the keys on request of an admin.</summary>
public static class KeyRotationEndpoint
{
    /// <summary>Maps <c>/api/auth/keys/rotate</c>.</summary>
    public static void MapKeyRotation(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/auth/keys/rotate", RotateKeys).WithTags("Tokens").RequireAuthorization(Policies.Admin)
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status403Forbidden);

    /// <summary>Rotates the keys that sign and encrypt tokens.</summary>
    /// <remarks>
    /// Keys also rotate automatically, and users stay signed in. With <c>retire_old</c>, for keys that may have leaked, all earlier tokens
    /// become invalid: at this replica at once, at other replicas of Identity within 30 seconds, and at other services with the first token
    /// that the new key signed, or within two minutes. A service that can't reach Identity accepts them until it can.
    /// </remarks>
    /// <param name="request">What happens to the old keys.</param>
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
