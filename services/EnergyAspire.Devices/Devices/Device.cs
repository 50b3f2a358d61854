using EnergyAspire.Contracts;

namespace EnergyAspire.Devices.Devices;

/// <summary>A meter and its settings.</summary>
public sealed class Device
{
    /// <summary>Default of the seconds between two readings.</summary>
    public const int DefaultReportingInterval = 600;

    /// <summary>Id, never reused after deletion.</summary>
    public required Guid Id { get; init; }

    /// <summary>Id in another system, by which imports find the device; unique. Null without one.</summary>
    public string? ExternalId { get; set; }

    /// <summary>Display name, 1 to 255 characters, not unique.</summary>
    public required string Name { get; set; }

    /// <summary>Free text, may be empty.</summary>
    public string Description { get; set; } = "";

    /// <summary>Limit in kWh per clock hour.</summary>
    public required decimal MaxConsumption { get; set; }

    /// <summary>Price per kWh at times without a tariff, in the installation's currency; null when unknown.</summary>
    public decimal? Price { get; set; }

    /// <summary>IANA zone of the site; the device's hours and days are clock hours and days there.</summary>
    public required string TimeZone { get; set; }

    /// <summary>Seconds between two readings.</summary>
    public int ReportingIntervalSeconds { get; set; } = DefaultReportingInterval;

    /// <summary>
    /// Digits before the decimal point of the meter's register, after whose highest value it begins at 0 again. Null when the meter reports the energy of
    /// intervals.
    /// </summary>
    public int? RegisterDigits { get; set; }

    /// <summary>One of <see cref="EnergyDirection"/>.</summary>
    public string Direction { get; set; } = EnergyDirection.Consumption;

    /// <summary>
    /// Device with whose meter this one shares a two-way meter, of which it is the feed-in: its meters are the production registers of that device's
    /// meters. Null when it isn't. The device may be deleted.
    /// </summary>
    public Guid? FeedInOf { get; init; }

    /// <summary>When it was registered.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it last changed.</summary>
    public required DateTimeOffset UpdatedAt { get; set; }

    /// <summary>Grows by one with each change; events carry it.</summary>
    public long Version { get; set; } = 1;

    /// <summary>
    /// Settings that were ever valid, oldest first; the last ones equal the current ones. Empty while nothing has changed. Replaced, never changed in
    /// place.
    /// </summary>
    public IReadOnlyList<DeviceSettings> Settings { get; private set; } = [];

    /// <summary>
    /// Meters that ever measured for the device, oldest first; each is valid until the next one. Empty when the only one has the device's id. Replaced,
    /// never changed in place.
    /// </summary>
    public IReadOnlyList<DeviceMeter> Meters { get; internal set; } = [];

    /// <summary>
    /// Tariffs that are ever valid for the device, oldest first; each is valid until the next one. Empty when its own price is always valid. Replaced,
    /// never changed in place.
    /// </summary>
    public IReadOnlyList<DeviceTariff> Tariffs { get; internal set; } = [];

    /// <summary>The current limit, price and interval, with the time since when they are valid.</summary>
    public DeviceSettings CurrentSettings => new(Settings is [.., var last] ? last.From : null, MaxConsumption, Price, ReportingIntervalSeconds);

    /// <summary>Changes limit, price or interval from a time on, until the next change of the same value.</summary>
    /// <param name="from">When the values become valid. A time before the device's registration means from the beginning.</param>
    internal void ChangeSettings(IReadOnlyList<SettingChange> changes, DateTimeOffset from)
    {
        List<DeviceSettings> all = [.. History() is { Count: > 0 } history ? history : [CurrentSettings]];
        var start = from <= CreatedAt ? 0 : all.FindLastIndex(settings => settings.From is null || settings.From <= from);
        if (from > CreatedAt && all[start].From != from)
            all.Insert(++start, all[start - 1] with { From = from });

        foreach (var change in changes)
        {
            // Later settings with another value were changed for their own time.
            var before = change.Value(all[start]);
            for (var index = start; index < all.Count && Equals(change.Value(all[index]), before); index++)
                all[index] = change.Apply(all[index]);
        }

        for (var index = all.Count - 1; index > 0; index--)
        {
            if (all[index] == all[index - 1] with { From = all[index].From })
                all.RemoveAt(index);
        }

        (_, MaxConsumption, Price, ReportingIntervalSeconds) = all[^1];
        Settings = all is [_] ? [] : all;
    }

    /// <summary>
    /// <see cref="Settings"/>, whose last ones are the current ones. A replica of the former version, which knows no history, changes only the current
    /// ones.
    /// </summary>
    public IReadOnlyList<DeviceSettings> History() =>
        Settings is [.., var last] && last != CurrentSettings ? [.. Settings, CurrentSettings with { From = UpdatedAt }] : Settings;

    /// <summary>The event that announces the device.</summary>
    public DeviceCreated Created() =>
        new(Id, Name, Description, MaxConsumption, Price, TimeZone, ReportingIntervalSeconds)
        {
            Settings = History(),
            Meters = Meters,
            RegisterDigits = RegisterDigits,
            Tariffs = Tariffs,
            Direction = Direction,
            FeedInOf = FeedInOf,
            ExistsFrom = CreatedAt,
        };

    /// <summary>The event that announces its new state.</summary>
    public DeviceUpdated Updated() =>
        new(Id, Name, Description, MaxConsumption, Price, TimeZone, ReportingIntervalSeconds)
        {
            Settings = History(),
            Meters = Meters,
            RegisterDigits = RegisterDigits,
            Tariffs = Tariffs,
            Direction = Direction,
            FeedInOf = FeedInOf,
            ExistsFrom = CreatedAt,
        };

    /// <summary>The device as services with replicas of devices read it.</summary>
    public DeviceState ToState() => new(Id, Name, Description, MaxConsumption, TimeZone, ReportingIntervalSeconds, Version, Price)
    {
        Settings = History(),
        Meters = Meters,
        RegisterDigits = RegisterDigits,
        Tariffs = Tariffs,
        Direction = Direction,
        FeedInOf = FeedInOf,
        ExistsFrom = CreatedAt,
    };

    /// <summary>Returns the meters of the feed-in of a device: the production registers of its meters, in use at the same times.</summary>
    public static IReadOnlyList<DeviceMeter> FeedInMetersOf(Device device) =>
        [.. MeterUses.Of(device.Meters, device.Id).Select(use => new DeviceMeter(TwoWayMeter.ProductionId(use.MeterId), use.From))];
}

/// <summary>A change of one value of a device's settings.</summary>
/// <param name="Value">Reads the value.</param>
/// <param name="Apply">Returns settings with the new value.</param>
internal sealed record SettingChange(Func<DeviceSettings, object?> Value, Func<DeviceSettings, DeviceSettings> Apply);
