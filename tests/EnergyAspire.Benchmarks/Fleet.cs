using System.Runtime.InteropServices;
using System.Text.Unicode;
using EnergyAspire.Monitoring.Hours;
using EnergyAspire.Monitoring.Readings;

namespace EnergyAspire.Benchmarks;

/// <summary>
/// Meters that report every ten minutes, one after another. Device, time and energy of a reading are computed from its number, so the expected totals
/// need no stored data.
/// </summary>
internal sealed class Fleet
{
    private const int Days = 30;
    private const int HistoryDays = 365;
    private const int MostHistories = 100;

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);
    private static readonly string[] ZoneNames = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"];

    private readonly Dictionary<Guid, int> _numbers;

    public Fleet(int devices, long rows, DateTimeOffset now)
    {
        // Long enough ago that all readings of one benchmark run are in the past.
        Start = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero).AddDays(-Days);
        HistoryStart = Start.AddDays(-HistoryDays);
        Devices = [.. Enumerable.Range(0, devices).Select(number => IdOf(number))];
        Histories = (int)Math.Clamp(rows / (4 * HistoryDays * 24), 1, Math.Min(MostHistories, devices));
        _numbers = Devices.Index().ToDictionary(device => device.Item, device => device.Index);
    }

    /// <summary>Device ids, as random as those of real devices.</summary>
    public IReadOnlyList<Guid> Devices { get; }

    /// <summary>Number after the last reading that isn't in the future.</summary>
    public long End => Days * (long)(TimeSpan.FromDays(1) / Interval) * Devices.Count;

    /// <summary>Device for measuring the time until a reading is visible.</summary>
    public Guid Probe { get; } = IdOf(-1);

    /// <summary>Time of the first reading.</summary>
    public DateTimeOffset Start { get; }

    /// <summary>Time of the first reading of the devices that have a year of hours.</summary>
    public DateTimeOffset HistoryStart { get; }

    /// <summary>Number of devices with a year of hours; these are the first devices.</summary>
    public int Histories { get; }

    /// <summary>Number of readings in all years of hours.</summary>
    public long HistoryReadings => (long)HistoryDays * 24 * Histories;

    public static string ZoneOf(int device) => ZoneNames[device % ZoneNames.Length];

    public Reading Reading(long number)
    {
        var device = (int)(number % Devices.Count);
        var slot = number / Devices.Count;

        return new Reading(Devices[device], Start + (Interval * slot), Energy(device, slot));
    }

    /// <summary>Returns a reading of the years of hours; there is one for each hour and device.</summary>
    public Reading HistoryReading(long number)
    {
        var device = (int)(number % Histories);
        var hour = number / Histories;

        return new Reading(Devices[device], HistoryStart.AddHours(hour), Energy(device, -1 - hour));
    }

    /// <summary>
    /// Returns the expected total of an hour of a device after the readings <paramref name="first"/> to <paramref name="end"/> (exclusive).
    /// </summary>
    public (long Energy, int Count) Expected(Guid id, DateTimeOffset hourStart, long first, long end, bool hasHistory)
    {
        var device = _numbers[id];
        var hourEnd = SiteClock.NextHour(hourStart, TimeZoneInfo.FindSystemTimeZoneById(ZoneOf(device)));
        var (energy, count) = (0L, 0);

        for (var slot = Math.Max(Ceiling(hourStart - Start, Interval), 0); Start + (Interval * slot) < hourEnd; slot++)
        {
            if ((slot * Devices.Count) + device is var number && number >= first && number < end)
                (energy, count) = (energy + Energy(device, slot), count + 1);
        }

        if (hasHistory && device < Histories)
        {
            for (var hour = Math.Max(Ceiling(hourStart - HistoryStart, TimeSpan.FromHours(1)), 0); HistoryStart.AddHours(hour) < hourEnd && hour < HistoryDays * 24; hour++)
                (energy, count) = (energy + Energy(device, -1 - hour), count + 1);
        }

        return (energy, count);
    }

    /// <summary>Writes a reading in the wire format.</summary>
    public static ReadOnlySpan<byte> Json(in Reading reading, Span<byte> buffer)
    {
        var (whole, rest) = Math.DivRem(reading.Energy, 1_000_000);
        Utf8.TryWrite(
            buffer,
            $$"""{"timestamp": "{{reading.Timestamp.UtcDateTime:yyyy-MM-ddTHH:mm:ss.ffffffZ}}", "device_id": "{{reading.DeviceId}}", "measurement_value": {{whole}}.{{rest:000000}}}""",
            out var written);

        return buffer[..written];
    }

    private static long Energy(int device, long slot) => (long)(Mix(((ulong)device << 40) ^ (ulong)slot) % 2_000_000);

    private static Guid IdOf(int number)
    {
        Span<ulong> halves = [Mix((ulong)number), Mix(~(ulong)number)];
        return new Guid(MemoryMarshal.AsBytes(halves));
    }

    private static long Ceiling(TimeSpan time, TimeSpan unit) => (long)Math.Ceiling(time / unit);

    /// <summary>SplitMix64.</summary>
    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;

        return value ^ (value >> 31);
    }
}
