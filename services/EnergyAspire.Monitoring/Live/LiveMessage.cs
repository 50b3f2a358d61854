using System.Buffers.Binary;
using System.Text.Json;
using EnergyAspire.Messaging;

namespace EnergyAspire.Monitoring.Live;

/// <summary>
/// Wire format of the messages between replicas. Readings are in a binary format, because there may be thousands of devices a second.
/// </summary>
internal static class LiveMessage
{
    /// <summary>
    /// Type of a message about devices with new readings. Each takes 24 bytes: 16 of device id and 8 of the newest timestamp in ticks.
    /// </summary>
    public const string Readings = "readings";

    /// <summary>Type of a message that is one alert, in JSON.</summary>
    public const string Alert = "alert";

    private const int IdSize = 16;
    private const int EntrySize = IdSize + sizeof(long);

    public static byte[] Pack(Dictionary<Guid, DateTimeOffset> devices)
    {
        var body = new byte[devices.Count * EntrySize];
        var rest = body.AsSpan();
        foreach (var (device, timestamp) in devices)
        {
            device.TryWriteBytes(rest);
            BinaryPrimitives.WriteInt64LittleEndian(rest[IdSize..], timestamp.UtcTicks);
            rest = rest[EntrySize..];
        }

        return body;
    }

    public static List<(Guid DeviceId, DateTimeOffset Timestamp)> Unpack(ReadOnlySpan<byte> body)
    {
        var devices = new List<(Guid, DateTimeOffset)>(body.Length / EntrySize);
        for (; body.Length >= EntrySize; body = body[EntrySize..])
            devices.Add((new Guid(body[..IdSize]), new DateTimeOffset(BinaryPrimitives.ReadInt64LittleEndian(body[IdSize..]), TimeSpan.Zero)));

        return devices;
    }

    public static byte[] Write(LiveAlert alert) => JsonSerializer.SerializeToUtf8Bytes(alert, MessageJson.Options);

    public static LiveAlert? ReadAlert(ReadOnlySpan<byte> body) => JsonSerializer.Deserialize<LiveAlert>(body, MessageJson.Options);
}
