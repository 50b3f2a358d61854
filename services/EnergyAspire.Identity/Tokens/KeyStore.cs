using System.Security.Cryptography;
using EnergyAspire.Identity.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace EnergyAspire.Identity.Tokens;

/// <summary>The keys in the database, private halves encrypted.</summary>
public sealed class KeyStore(AuthDbContext db, IOptions<IdentitySettings> settings, TimeProvider time, ILogger<KeyStore> logger)
{
    private const int KeySize = 2048;

    private static readonly PbeParameters Encryption = new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 100_000);

    /// <summary>Reads the keys and creates what is missing. Call it in a transaction.</summary>
    /// <exception cref="InvalidOperationException">The passphrase is not the one that encrypted them.</exception>
    public async Task<TokenKeys> LoadAsync(CancellationToken cancel)
    {
        // Replicas that start together agree on the keys of the first.
        await db.Database.ExecuteSqlAsync($"lock table signing_keys in share row exclusive mode", cancel);

        var now = time.GetUtcNow();
        var stored = await db.SigningKeys.AsNoTracking()
            .Where(key => key.RetiresAt == null || key.RetiresAt > now)
            .OrderByDescending(key => key.CreatedAt)
            .ToListAsync(cancel);
        foreach (var use in new[] { StoredKey.Signing, StoredKey.Encryption })
        {
            if (!stored.Exists(key => key.Use == use))
                stored.Add(Create(use, now));
        }

        await db.SaveChangesAsync(cancel);

        return new TokenKeys(Open(stored, StoredKey.Signing), Open(stored, StoredKey.Encryption));
    }

    private StoredKey Create(string use, DateTimeOffset now)
    {
        using var rsa = RSA.Create(KeySize);
        var key = new StoredKey
        {
            Id = Guid.CreateVersion7(now),
            Use = use,
            Material = rsa.ExportEncryptedPkcs8PrivateKeyPem(settings.Value.KeyPassphrase, Encryption),
            CreatedAt = now,
        };
        db.Add(key);
        logger.KeyCreated(use, key.Id);

        return key;
    }

    private List<RsaSecurityKey> Open(List<StoredKey> stored, string use) =>
        [.. stored.Where(key => key.Use == use).Select(key =>
        {
            using var rsa = RSA.Create();
            try
            {
                rsa.ImportFromEncryptedPem(key.Material, settings.Value.KeyPassphrase);
            }
            catch (CryptographicException failure)
            {
                throw new InvalidOperationException(
                    "Identity:KeyPassphrase can't open the keys in the database; set the passphrase that they were created with.", failure);
            }

            return new RsaSecurityKey(rsa.ExportParameters(includePrivateParameters: true)) { KeyId = key.Id.ToString("N") };
        })];
}
