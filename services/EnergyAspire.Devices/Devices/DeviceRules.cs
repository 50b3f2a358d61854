using EnergyAspire.Api.Names;
using EnergyAspire.Contracts;

namespace EnergyAspire.Devices.Devices;

/// <summary>Limits and validation of devices.</summary>
internal static class DeviceRules
{
    public const int LongestExternalId = 100;
    public const int LongestName = 255;
    public const int LongestDescription = 4000;
    public const int LargestConsumption = 1_000_000;
    public const int HighestPrice = 1_000_000;
    public const int LongestInterval = 86_400;
    public const int FewestRegisterDigits = 3;
    public const int MostRegisterDigits = 12;
    public const int MostSettings = 1000;

    /// <summary>Validates a name: returns it in the form that is stored, or the error.</summary>
    public static CheckedName ReadName(string sent) => DisplayNames.Read(sent, "The name", LongestName);

    /// <summary>Validates an external id, which may be empty: returns it in the form that is stored, or the error.</summary>
    public static CheckedName ReadExternalId(string? sent) => DisplayNames.Read(sent ?? "", "The external id", LongestExternalId, mayBeEmpty: true);

    /// <summary>Returns an external id in the form that is stored; null when it is empty.</summary>
    public static string? StoredExternalId(string? sent) => ReadExternalId(sent).Value is { Length: > 0 } id ? id : null;

    /// <summary>Normalizes a description to the Unicode form that names are stored and searched in.</summary>
    public static string ReadDescription(string sent) => sent.Normalize();

    /// <summary>Finds what is wrong with a device, by field as sent.</summary>
    /// <param name="device">The device.</param>
    /// <param name="heldName">Current name. It is accepted unchanged, because it may be older than the rules for names.</param>
    public static Dictionary<string, string[]> Check(Device device, string? heldName = null)
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        if (device.Id == Guid.Empty)
            errors["id"] = ["The id must not consist of zeros only."];
        if (ReadExternalId(device.ExternalId).Error is { } fault)
            errors["external_id"] = [fault];
        if (device.Name != heldName && ReadName(device.Name).Error is { } wrong)
            errors["name"] = [wrong];

        if (device.Description.Length > LongestDescription)
            errors["description"] = [$"The description must have at most {LongestDescription} characters."];
        else if (device.Description.Contains('\0'))
            errors["description"] = ["The description must not contain the character U+0000."];

        if (device.MaxConsumption is <= 0 or > LargestConsumption)
            errors["max_consumption"] = [$"The limit must be more than 0 and at most {LargestConsumption} kWh per hour."];
        if (device.Price is < 0 or > HighestPrice)
            errors["price"] = [$"The price must be 0 to {HighestPrice} per kWh, or null when it is unknown."];
        if (!IsTimeZone(device.TimeZone))
            errors["time_zone"] = ["The time zone must be an IANA zone, such as Europe/Berlin."];
        if (device.ReportingIntervalSeconds is < 1 or > LongestInterval)
            errors["reporting_interval_seconds"] = [$"The interval must be 1 to {LongestInterval} seconds."];

        if (device.RegisterDigits is < FewestRegisterDigits or > MostRegisterDigits)
            errors["register_digits"] = [$"The register must have {FewestRegisterDigits} to {MostRegisterDigits} digits, or null for a meter without a register."];

        if (device.Direction is not (EnergyDirection.Consumption or EnergyDirection.Production))
            errors["direction"] = [$"The direction is {EnergyDirection.Consumption} or {EnergyDirection.Production}."];
        else if (device is { FeedInOf: not null, Direction: not EnergyDirection.Production })
            errors["direction"] = ["The feed-in of a two-way meter is production."];

        return errors;
    }

    /// <summary>Whether a text is an IANA zone in its own spelling; the zone database's folder also holds files that are not zones.</summary>
    public static bool IsTimeZone(string id) =>
        id is not ("Factory" or "localtime" or "posixrules")
        && !id.StartsWith("posix/", StringComparison.Ordinal)
        && !id.StartsWith("right/", StringComparison.Ordinal)
        && !id.Contains('\0')
        && TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone)
        && zone.HasIanaId
        && zone.Id == id;
}
