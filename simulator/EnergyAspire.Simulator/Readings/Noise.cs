using System.Buffers.Binary;

namespace EnergyAspire.Simulator.Readings;

/// <summary>Stateless pseudo-random numbers: the same arguments give the same number on every machine.</summary>
public static class Noise
{
    /// <summary>Returns a number from -1 to 1, uniformly distributed over devices, moments and parts.</summary>
    public static double Of(ulong seed, Guid device, long moment, ulong part)
    {
        Span<byte> id = stackalloc byte[16];
        device.TryWriteBytes(id, bigEndian: true, out _);

        var hash = Mix(seed ^ Mix(part + 1));
        hash = Mix(hash ^ BinaryPrimitives.ReadUInt64BigEndian(id));
        hash = Mix(hash ^ BinaryPrimitives.ReadUInt64BigEndian(id[8..]));
        hash = Mix(hash ^ unchecked((ulong)moment));

        return (hash >> 11) * (2.0 / (1UL << 53)) - 1;
    }

    /// <summary>Returns a number from 0 (inclusive) to 1 (exclusive), uniformly distributed over devices, moments and parts.</summary>
    public static double Share(ulong seed, Guid device, long moment, ulong part) => (Of(seed, device, moment, part) + 1) / 2;

    /// <summary>Returns an id that no device has: the same for the same seed and device.</summary>
    public static Guid StrangerTo(ulong seed, Guid device)
    {
        Span<byte> id = stackalloc byte[16];
        device.TryWriteBytes(id, bigEndian: true, out _);
        var first = Mix(seed ^ Mix(BinaryPrimitives.ReadUInt64BigEndian(id)));

        return Identified(id, first, Mix(first ^ BinaryPrimitives.ReadUInt64BigEndian(id[8..])));
    }

    /// <summary>Returns the id of an unregistered meter: the same for the same seed and number.</summary>
    public static Guid DeviceId(ulong seed, int number)
    {
        Span<byte> id = stackalloc byte[16];

        return Identified(id, Mix(seed ^ Mix(unchecked((ulong)number))), Mix(seed ^ Mix(~unchecked((ulong)number))));
    }

    private static Guid Identified(Span<byte> id, ulong first, ulong second)
    {
        BinaryPrimitives.WriteUInt64BigEndian(id, first);
        BinaryPrimitives.WriteUInt64BigEndian(id[8..], second);
        // UUID version 8, for custom generation rules.
        id[6] = (byte)(0x80 | (id[6] & 0x0f));
        id[8] = (byte)(0x80 | (id[8] & 0x3f));

        return new Guid(id, bigEndian: true);
    }

    // The finalizer of SplitMix64: every bit of the result depends on every bit of the value.
    private static ulong Mix(ulong value)
    {
        unchecked
        {
            value += 0x9e3779b97f4a7c15;
            value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
            value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
            return value ^ (value >> 31);
        }
    }
}
