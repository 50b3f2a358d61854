using System.Security.Cryptography;
using EnergyAspire.Identity.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace EnergyAspire.Identity.Tokens;

/// <summary>The token keys in the database, with encrypted private keys, and the order in which they are used.</summary>
public sealed class KeyStore(AuthDbContext db, KeyRing ring, IOptions<IdentitySettings> settings, TimeProvider time, ILogger<KeyStore> logger)
{
    private const int KeySize = 2048;

    private static readonly PbeParameters Encryption = new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 100_000);

    // Allows for clock skew and for replicas that load a new key later.
    private static readonly TimeSpan Margin = TimeSpan.FromHours(1);

    /// <summary>Loads the keys into the ring. First creates new ones if there are none or the newest have reached their maximum age.</summary>
    /// <exception cref="InvalidOperationException">The passphrase is not the one that encrypted them.</exception>
    public async Task RefreshAsync(CancellationToken cancel)
    {
        var stored = await ReadAsync(cancel);
        if (IsRotationDue(stored))
        {
            await using var transaction = await db.Database.BeginTransactionAsync(cancel);
            await LockAsync(cancel);
            if (IsRotationDue(await ReadAsync(cancel)))
                await RotateAsync(retireOld: false, cancel);
            await transaction.CommitAsync(cancel);
            stored = await ReadAsync(cancel);
        }

        var signing = InOrderOfUse(stored, StoredKey.Signing);
        var encryption = InOrderOfUse(stored, StoredKey.Encryption);
        if (!ring.Has(signing, encryption))
            ring.Replace(new TokenKeys([.. signing.Select(Open)], [.. encryption.Select(Open)]));
    }

    /// <summary>Locks the table of keys against other replicas until the transaction ends.</summary>
    public Task LockAsync(CancellationToken cancel) => db.Database.ExecuteSqlAsync($"lock table signing_keys in share row exclusive mode", cancel);

    /// <summary>
    /// Creates new keys. They are published at once and used later, when every service has had time to fetch them. The old keys stay until all
    /// that they signed or encrypted has expired. If the old keys are retired, they end now and the new ones are used at once. Call it in a
    /// transaction that holds the lock.
    /// </summary>
    /// <returns>The new signing key, and from when it signs.</returns>
    public async Task<(StoredKey Key, DateTimeOffset SignsFrom)> RotateAsync(bool retireOld, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var hasPredecessor = !retireOld && await db.SigningKeys.AnyAsync(key => key.RetiresAt == null, cancel);
        var signsFrom = hasPredecessor ? now + settings.Value.KeyPublishAhead : now;
        var end = retireOld ? now : signsFrom + TokenExtensions.RefreshTokenLifetime + Margin;
        await db.SigningKeys.Where(key => key.RetiresAt == null || (retireOld && key.RetiresAt > now))
            .ExecuteUpdateAsync(key => key.SetProperty(k => k.RetiresAt, end), cancel);

        var signing = Create(StoredKey.Signing, now);
        Create(StoredKey.Encryption, now);
        await db.SaveChangesAsync(cancel);

        return (signing, signsFrom);
    }

    private Task<List<StoredKey>> ReadAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        return db.SigningKeys.AsNoTracking()
            .Where(key => key.RetiresAt == null || key.RetiresAt > now)
            .OrderByDescending(key => key.CreatedAt)
            .ToListAsync(cancel);
    }

    private bool IsRotationDue(List<StoredKey> stored) => new[] { StoredKey.Signing, StoredKey.Encryption }.Any(use =>
        !stored.Exists(key => key.Use == use && key.CreatedAt + settings.Value.KeyLifetime > time.GetUtcNow()));

    /// <summary>Orders keys so that the one in use is first: the newest that was published long enough ago, else the oldest.</summary>
    private List<StoredKey> InOrderOfUse(List<StoredKey> stored, string use)
    {
        var keys = stored.Where(key => key.Use == use).ToList();
        var published = time.GetUtcNow() - settings.Value.KeyPublishAhead;
        var current = keys.Find(key => key.CreatedAt <= published) ?? keys[^1];

        return [current, .. keys.Where(key => key != current)];
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

    private RsaSecurityKey Open(StoredKey key)
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
    }
}
