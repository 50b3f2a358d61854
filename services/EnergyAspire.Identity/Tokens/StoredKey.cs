namespace EnergyAspire.Identity.Tokens;

/// <summary>A private token key, shared by all replicas. With it and the passphrase anybody can issue tokens.</summary>
public sealed class StoredKey
{
    /// <summary>Key id, and the <c>kid</c> of the tokens that it signs.</summary>
    public required Guid Id { get; init; }

    /// <summary><see cref="Signing"/> or <see cref="Encryption"/>.</summary>
    public required string Use { get; init; }

    /// <summary>RSA key as PKCS#8 PEM, encrypted with the configured passphrase.</summary>
    public required string Material { get; init; }

    /// <summary>When it was created and published. It is used after <see cref="IdentitySettings.KeyPublishAhead"/>; the first key at once.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>From when it is neither used nor published; null while it is the newest.</summary>
    public DateTimeOffset? RetiresAt { get; set; }

    /// <summary>Signs tokens; the public half is in the JWKS.</summary>
    public const string Signing = "sig";

    /// <summary>Encrypts what only Identity reads, such as refresh tokens.</summary>
    public const string Encryption = "enc";
}
