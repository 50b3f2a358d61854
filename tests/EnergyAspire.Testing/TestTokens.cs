using System.Security.Cryptography;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace EnergyAspire.Testing;

/// <summary>Issues access tokens like Identity's, signed with a key of this test program. Services under test trust this key instead of Identity's.</summary>
public static class TestTokens
{
    /// <summary>Issuer that services under test accept.</summary>
    public const string Issuer = "https://identity.test/";

    private static readonly RsaSecurityKey Key = new(RSA.Create(2048)) { KeyId = "test" };

    /// <summary>The public key as a JSON Web Key Set, for services in other processes.</summary>
    public static string KeySet
    {
        get
        {
            var parameters = Key.Rsa.ExportParameters(includePrivateParameters: false);
            return $$"""
                {"keys": [{"kty": "RSA", "use": "sig", "kid": "{{Key.KeyId}}",
                  "n": "{{Base64UrlEncoder.Encode(parameters.Modulus)}}", "e": "{{Base64UrlEncoder.Encode(parameters.Exponent)}}"}]}
                """;
        }
    }

    /// <summary>Issues a token for an account.</summary>
    public static string ForAccount(Guid id, string username, string role, long generation = 1) => Issue(new Dictionary<string, object>
    {
        ["sub"] = id.ToString(),
        ["username"] = username,
        ["role"] = role,
        [TokenConventions.Generation] = generation,
    });

    /// <summary>Issues a token of a service that runs sagas.</summary>
    public static string ForSaga() => Issue(new Dictionary<string, object> { ["sub"] = "identity", ["scope"] = TokenConventions.SagaScope });

    /// <summary>Issues a token of a service that reads the sources of replicas.</summary>
    public static string ForReplica() => Issue(new Dictionary<string, object> { ["sub"] = "monitoring", ["scope"] = TokenConventions.ReplicaScope });

    /// <summary>Issues a token with these claims, valid for an hour unless said otherwise.</summary>
    public static string Issue(
        Dictionary<string, object> claims, string issuer = Issuer, string audience = TokenConventions.Audience, string type = "at+jwt",
        DateTime? expires = null, SecurityKey? key = null) =>
        new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer,
            Audience = audience,
            TokenType = type,
            Claims = new Dictionary<string, object>(claims) { ["jti"] = Guid.NewGuid().ToString() },
            NotBefore = (expires ?? DateTime.UtcNow).AddHours(-2),
            IssuedAt = (expires ?? DateTime.UtcNow).AddHours(-2),
            Expires = expires ?? DateTime.UtcNow.AddHours(1),
            SigningCredentials = new SigningCredentials(key ?? Key, SecurityAlgorithms.RsaSha256),
        });

    /// <summary>Configures a service to trust these tokens.</summary>
    public static void Trust(IServiceCollection services) =>
        services.PostConfigure<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme, options =>
        {
            var discovery = new OpenIdConnectConfiguration { Issuer = Issuer };
            discovery.SigningKeys.Add(Key);
            options.ConfigurationManager = new StaticConfigurationManager<OpenIdConnectConfiguration>(discovery);
        });
}
