using System.Security.Cryptography;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Authentication;
using EnergyAspire.Testing;
using Microsoft.IdentityModel.Tokens;

namespace EnergyAspire.Services.Tests.Authorization;

/// <summary>Who calls.</summary>
public enum Caller
{
    Anonymous,
    Garbage,
    Expired,
    WrongAudience,
    WrongIssuer,
    WrongType,
    WrongKey,
    WrongAlgorithm,
    BeforeRoleChange,
    Client,
    OtherClient,
    Admin,
    SagaService,
    ReplicaService,
}

/// <summary>The tokens that callers send.</summary>
internal static class Callers
{
    private static readonly RsaSecurityKey Forged = new(RSA.Create(2048)) { KeyId = "test" };

    /// <summary>Whether the caller's token counts.</summary>
    public static bool IsKnown(this Caller caller) => caller >= Caller.Client;

    /// <summary>The token; null for nobody.</summary>
    public static string? Token(this Caller caller) => caller switch
    {
        Caller.Anonymous => null,
        Caller.Garbage => "not.a.token",
        Caller.Expired => TestTokens.Issue(Admin, expires: DateTime.UtcNow.AddMinutes(-2)),
        Caller.WrongAudience => TestTokens.Issue(Admin, audience: "somebody-else"),
        Caller.WrongIssuer => TestTokens.Issue(Admin, issuer: "https://elsewhere.test/"),
        Caller.WrongType => TestTokens.Issue(Admin, type: "JWT"),
        Caller.WrongKey => TestTokens.Issue(Admin, key: Forged),
        Caller.WrongAlgorithm => Unsigned(),
        Caller.BeforeRoleChange => TestTokens.ForAccount(DevelopmentData.Admin, "admin", Roles.Admin, generation: 0),
        Caller.Client => TestTokens.ForAccount(DevelopmentData.Alice, "alice", Roles.Client),
        Caller.OtherClient => TestTokens.ForAccount(DevelopmentData.Bob, "bob", Roles.Client),
        Caller.Admin => TestTokens.Issue(Admin),
        Caller.SagaService => TestTokens.ForSaga(),
        Caller.ReplicaService => TestTokens.ForReplica(),
        _ => throw new ArgumentOutOfRangeException(nameof(caller)),
    };

    private static Dictionary<string, object> Admin => new()
    {
        ["sub"] = DevelopmentData.Admin.ToString(),
        ["username"] = "admin",
        ["role"] = Roles.Admin,
        [TokenConventions.Generation] = 1,
    };

    /// <summary>An admin's token with the algorithm <c>none</c>.</summary>
    private static string Unsigned()
    {
        var header = Base64UrlEncoder.Encode("""{"alg":"none","typ":"at+jwt"}""");
        return $"{header}.{TestTokens.Issue(Admin).Split('.')[1]}.";
    }
}
