using System.Buffers.Binary;
using System.Text.Json;
using EnergyAspire.Messaging;

namespace EnergyAspire.Monitoring.Live;

/// <summary>How replicas write to each other. Readings are packed, because there may be a device for each of thousands a second.</summary>
internal static class LiveMessage
{
    /// <summary>Type of a message that names devices with readings: 16 bytes of device id and 8 of the newest timestamp in ticks, for each.</summary>
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
