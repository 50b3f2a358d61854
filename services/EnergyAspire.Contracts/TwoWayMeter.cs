using System.Security.Cryptography;

namespace EnergyAspire.Contracts;

/// <summary>
/// A meter with two registers: one for the energy taken from the grid, one for the energy fed in. Each register measures for a device of its own, and
/// has an id of its own.
/// </summary>
public static class TwoWayMeter
{
    // Distinguishes these ids from others that are derived from a meter's id.
    private static ReadOnlySpan<byte> Label => "production"u8;

    /// <summary>
    /// Returns the id of a meter's register for production: a UUID version 8 (RFC 9562) of the SHA-256 hash of the meter's id, big-endian, followed by
    /// <c>production</c>.
    /// </summary>
    public static Guid ProductionId(Guid meterId)
    {
        Span<byte> named = stackalloc byte[16 + Label.Length];
        meterId.TryWriteBytes(named, bigEndian: true, out _);
        Label.CopyTo(named[16..]);

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(named, hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);

        return new Guid(hash[..16], bigEndian: true);
    }
}
