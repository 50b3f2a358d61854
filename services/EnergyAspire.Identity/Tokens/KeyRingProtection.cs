using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;

namespace EnergyAspire.Identity.Tokens;

/// <summary>
/// Data protection of Identity's cookies and forms, with keys derived from the ring's encryption keys. These are shared by the replicas and
/// encrypted in the database, so there is no second set of keys to store, share and rotate.
/// </summary>
internal sealed class KeyRingProtection(KeyRing ring, string purposes = "") : IDataProtectionProvider, IDataProtector
{
    private const int KeySize = 32;

    public IDataProtector CreateProtector(string purpose) => new KeyRingProtection(ring, $"{purposes}/{purpose.Length}:{purpose}");

    /// <summary>Key id, nonce, tag and ciphertext of AES-256-GCM.</summary>
    public byte[] Protect(byte[] plaintext)
    {
        var (id, key) = Keys().First();
        var result = new byte[Frame.TextAt + plaintext.Length];
        var frame = new Frame(result);
        id.TryWriteBytes(frame.KeyId);
        RandomNumberGenerator.Fill(frame.Nonce);
        using var aes = new AesGcm(key, Frame.TagSize);
        aes.Encrypt(frame.Nonce, plaintext, frame.Text, frame.Tag, frame.KeyId);

        return result;
    }

    /// <exception cref="CryptographicException">The data was changed, was protected for another purpose, or its key is retired.</exception>
    public byte[] Unprotect(byte[] protectedData)
    {
        if (protectedData.Length < Frame.TextAt)
            throw new CryptographicException("The data is not protected by this service.");

        var frame = new Frame(protectedData);
        var wanted = new Guid(frame.KeyId);
        var key = Keys().Where(key => key.Id == wanted).Select(key => key.Key).FirstOrDefault()
            ?? throw new CryptographicException("The key of this data is not known, or retired.");
        var result = new byte[frame.Text.Length];
        using var aes = new AesGcm(key, Frame.TagSize);
        aes.Decrypt(frame.Nonce, frame.Text, frame.Tag, result, frame.KeyId);

        return result;
    }

    /// <summary>Derives one key per encryption key from its private exponent, which is secret and random, and from the purposes.</summary>
    private IEnumerable<(Guid Id, byte[] Key)> Keys() => (ring.Keys ?? throw new CryptographicException("The keys are not loaded yet.")).Encryption
        .Select(key => (
            Guid.Parse(key.KeyId), HKDF.DeriveKey(HashAlgorithmName.SHA256, key.Parameters.D!, KeySize, info: Encoding.UTF8.GetBytes(purposes))));

    private readonly ref struct Frame(Span<byte> data)
    {
        public const int TagSize = 16;
        public const int TextAt = 16 + 12 + TagSize;

        public Span<byte> KeyId { get; } = data[..16];

        public Span<byte> Nonce { get; } = data[16..28];

        public Span<byte> Tag { get; } = data[28..TextAt];

        public Span<byte> Text { get; } = data[TextAt..];
    }
}
