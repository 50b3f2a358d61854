namespace EnergyAspire.Identity.Tokens;

/// <summary>A private key shared by all replicas. Whoever has it and the passphrase can issue tokens.</summary>
public sealed class StoredKey
{
    /// <summary>Also the <c>kid</c> of the tokens it signs.</summary>
    public required Guid Id { get; init; }

    /// <summary><see cref="Signing"/> or <see cref="Encryption"/>.</summary>
    public required string Use { get; init; }

    /// <summary>RSA key as PKCS#8 PEM, encrypted with the configured passphrase.</summary>
    public required string Material { get; init; }

    /// <summary>When it was created and published; it is used from <see cref="IdentitySettings.KeyPublishAhead"/> later, the first one at once.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>From when it is neither used nor published; null while it has no successor.</summary>
    public DateTimeOffset? RetiresAt { get; set; }

    /// <summary>Signs tokens; the public half is in the JWKS.</summary>
    public const string Signing = "sig";

    /// <summary>Encrypts what only Identity reads, such as refresh tokens.</summary>
    public const string Encryption = "enc";
}
