using EnergyAspire.Contracts;
using EnergyAspire.Simulator.Readings;
using EnergyAspire.Simulator.Traffic;

namespace EnergyAspire.Simulator.Settings;

/// <summary>Validated settings of a run.</summary>
/// <param name="Meters">Meters.</param>
/// <param name="Interval">Length of an interval, whole seconds.</param>
/// <param name="Patterns">Multipliers by hour.</param>
/// <param name="TimeAcceleration">Simulated minutes in a real second; null for real speed.</param>
/// <param name="Start">Where the simulated clock starts; null for its default.</param>
/// <param name="Duration">How long to run on the simulated clock; null for no limit.</param>
/// <param name="Seed">Seed of the variations. The default is fixed, so that a restart repeats what it sent before.</param>
/// <param name="Broker">Where the readings go.</param>
public sealed record SimulatorSettings(
    IReadOnlyList<Meter> Meters, TimeSpan Interval, IReadOnlyList<LoadPattern> Patterns, double? TimeAcceleration,
    DateTimeOffset? Start, TimeSpan? Duration, long Seed, BrokerSettings Broker)
{
    /// <summary>Default of the longest delay of late readings.</summary>
    public static readonly TimeSpan DefaultLateBy = TimeSpan.FromHours(6);

    internal static readonly TimeSpan TenMinutes = TimeSpan.FromMinutes(10);

    private const int DefaultIntervalSeconds = 600;
    private const double DefaultBaseLoadKwh = 0.25;
    private const int LongestIntervalSeconds = 24 * 60 * 60;
    private const int LargestBatch = 10_000;

    /// <summary>Shares of faults.</summary>
    public FaultShares Faults { get; init; } = FaultShares.None;

    /// <summary>Most readings in a message.</summary>
    public int Batch { get; init; } = 1;

    /// <summary>Time that the base load of the meters refers to.</summary>
    public TimeSpan BaseLoadTime { get; init; } = TenMinutes;

    /// <summary>File to write the expected totals to; null for none.</summary>
    public string? ExpectFile { get; init; }

    /// <summary>Lists all messages of the meters, in the order of sending.</summary>
    /// <param name="start">Where the simulated clock starts.</param>
    public IEnumerable<Message> Messages(DateTimeOffset start, FaultPlan faults)
    {
        var schedule = new ReadingSchedule(Meters, Interval, start, start + Duration);
        using var writer = new MessageWriter(new ReadingGenerator(Patterns, Interval, Seed, BaseLoadTime), faults, Batch, longestGathering: Interval);
        foreach (var message in writer.Messages(new FleetTraffic(schedule, faults).Reports()))
            yield return message;
    }

    /// <summary>Combines the file with the command line, which takes precedence, and validates the result.</summary>
    /// <exception cref="SettingsException">A setting is invalid; the message names it.</exception>
    public static SimulatorSettings Combine(ConfigFile file, Overrides overrides, DateTimeOffset now)
    {
        var seed = overrides.Seed ?? 0;
        var interval = overrides.IntervalSeconds ?? overrides.Registered?[0].IntervalSeconds ?? file.IntervalSeconds ?? DefaultIntervalSeconds;
        Require(interval is > 0 and <= LongestIntervalSeconds, $"interval_seconds must be from 1 to {LongestIntervalSeconds}, not {interval}.");

        var acceleration = overrides.TimeAcceleration ?? file.TimeAcceleration ?? 0;
        Require(double.IsFinite(acceleration) && acceleration >= 0, $"time_acceleration must not be negative, but is {acceleration}.");
        Require(overrides.Start is null || overrides.Start <= now, $"start must not be in the future, but is {overrides.Start:u}.");
        Require(overrides.Duration is null || overrides.Duration > TimeSpan.Zero, "duration must be longer than nothing.");

        Require(file.BaseLoadPer is null or "ten_minutes" or "interval", $"base_load_per must be ten_minutes or interval, not {file.BaseLoadPer}.");

        return new SimulatorSettings(
            MetersOf(file, overrides, seed), TimeSpan.FromSeconds(interval), PatternsOf(file),
            acceleration == 0 ? null : acceleration, overrides.Start, overrides.Duration, seed, BrokerOf(overrides.Broker, file.RabbitMq))
        {
            Faults = Checked(overrides.Faults ?? FaultShares.None, interval),
            Batch = Checked(overrides.Batch ?? 1),
            BaseLoadTime = file.BaseLoadPer == "interval" ? TimeSpan.FromSeconds(interval) : TenMinutes,
            ExpectFile = overrides.ExpectFile,
        };
    }

    private static FaultShares Checked(FaultShares faults, int interval)
    {
        double[] shares =
        [
            faults.Duplicates, faults.Conflicts, faults.Late, faults.OutOfOrder, faults.Malformed, faults.Negative, faults.Future,
            faults.UnknownDevice, faults.Gaps, faults.ClockChanges,
        ];
        Require(shares.All(share => share is >= 0 and <= 1), "The share of a fault must be from 0 to 1.");
        Require(
            faults.Gaps + faults.Malformed + faults.Negative + faults.Future + faults.UnknownDevice <= 1,
            "gaps, malformed, negative, future and unknown-device must not be more than 1 together.");
        Require(faults.Late + faults.OutOfOrder <= 1, "late and out-of-order must not be more than 1 together.");
        Require(faults.ClockChanges == 0 || interval > 1, "clock-changes needs intervals longer than a second.");
        Require(faults.LateBy >= TimeSpan.Zero, "late-by must not be negative.");

        return faults;
    }

    private static int Checked(int batch)
    {
        Require(batch is > 0 and <= LargestBatch, $"batch must be from 1 to {LargestBatch}, not {batch}.");
        return batch;
    }

    private static List<Meter> MetersOf(ConfigFile file, Overrides overrides, long seed)
    {
        object?[] choices = [overrides.DeviceIds, overrides.Devices, overrides.Registered];
        Require(choices.Count(choice => choice is not null) <= 1, "Only one of device-id, devices and devices-file can be given.");
        Require(overrides.Registered is null || overrides.TimeZones is null, "time-zones can't be given with devices-file, which knows the zones.");
        Require(overrides.Devices is null or > 0, $"devices must be at least 1, not {overrides.Devices}.");
        Require(file.DeviceId is null || file.Devices is null, "device_id and devices can't both be in the configuration file.");

        var meters = overrides.DeviceIds?.Select(Configured)
            ?? overrides.Registered?.Select(device => new DeviceConfig(device.DeviceId, TimeZone: device.TimeZone))
            ?? (overrides.Devices is { } count ? Enumerable.Range(0, count).Select(number => new DeviceConfig(Noise.DeviceId((ulong)seed, number))) : null)
            ?? file.Devices
            ?? (file.DeviceId is { } only ? [new DeviceConfig(only)] : []);

        if (overrides.TimeZones is { Count: > 0 } zones)
            meters = meters.Select((device, number) => device with { TimeZone = zones[number % zones.Count] });

        var result = meters.Select(Meter).ToList();
        Require(result.Count > 0, "There is no meter: set device_id or devices in the configuration file, or --device-id or --devices.");
        Require(result.DistinctBy(meter => meter.DeviceId).Count() == result.Count, "devices names a device twice.");

        return result;

        // A device that is in the file keeps its base load and zone.
        DeviceConfig Configured(Guid id) => file.Devices?.FirstOrDefault(device => device.DeviceId == id) ?? new DeviceConfig(id);

        Meter Meter(DeviceConfig device)
        {
            var load = overrides.BaseLoadKwh ?? device.BaseLoadKwh ?? file.BaseLoadKwh ?? DefaultBaseLoadKwh;
            Require(double.IsFinite(load) && load is >= 0 and <= 1_000_000, $"base_load_kwh must be from 0 to 1000000, not {load}.");

            return new Meter(device.DeviceId, load, ZoneOf(device));
        }
    }

    private static TimeZoneInfo ZoneOf(DeviceConfig device) =>
        device.TimeZone is null ? TimeZoneInfo.Utc
        : TimeZoneInfo.TryFindSystemTimeZoneById(device.TimeZone, out var zone) ? zone
        : throw new SettingsException($"time_zone of device {device.DeviceId} is not a known IANA zone: {device.TimeZone}.");

    private static IReadOnlyList<LoadPattern> PatternsOf(ConfigFile file)
    {
        if (file.Patterns is null)
            return LoadPattern.Defaults;

        var taken = new Dictionary<int, string>();
        foreach (var (name, pattern) in file.Patterns)
        {
            Require(pattern is { Hours: not null, Multiplier: not null }, $"patterns.{name} needs hours and multiplier.");
            Require(double.IsFinite(pattern.Multiplier!.Value) && pattern.Multiplier >= 0, $"patterns.{name}.multiplier must not be negative.");
            foreach (var hour in pattern.Hours!)
            {
                Require(hour is >= 0 and <= 23, $"patterns.{name}.hours must be from 0 to 23, not {hour}.");
                Require(taken.TryAdd(hour, name), $"patterns.{name}.hours has hour {hour}, which patterns.{taken[hour]} has already.");
            }
        }

        return [.. file.Patterns.Select(pattern => new LoadPattern(pattern.Key, pattern.Value.Hours!, pattern.Value.Multiplier!.Value))];
    }

    private static BrokerSettings BrokerOf(BrokerConfig? environment, BrokerConfig? file)
    {
        var port = environment?.Port ?? file?.Port ?? 5672;
        Require(port is > 0 and <= 65535, $"{(environment?.Port is null ? "rabbitmq.port" : "RABBITMQ_PORT")} must be from 1 to 65535, not {port}.");
        var queue = file?.Queue ?? Topology.ReadingQueue;
        Require(queue.Length > 0, "rabbitmq.queue must not be empty.");

        return new BrokerSettings(
            environment?.Host ?? file?.Host ?? "localhost", port, environment?.User ?? file?.User ?? "guest",
            environment?.Password ?? file?.Password ?? "guest", queue);
    }

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
            throw new SettingsException(otherwise);
    }
}
