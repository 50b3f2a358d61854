using EnergyAspire.Contracts;
using EnergyAspire.Data.Imports;
using EnergyAspire.Devices.Data;
using EnergyAspire.Devices.Devices;
using EnergyAspire.Devices.Tariffs;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Devices.Imports;

/// <summary>The tariff of an imported device: its name or id, and its first date.</summary>
/// <param name="Name">Name or id.</param>
/// <param name="From">First date at the device's site; null when the line has none.</param>
internal sealed record TariffCell(string Name, DateOnly? From)
{
    /// <summary>Reads the tariffs that lines name. One that is named by several is in the list more than once.</summary>
    public static async Task<List<Tariff>> FindAsync(DeviceDbContext db, IEnumerable<TariffCell?> cells, CancellationToken cancel)
    {
        var names = cells.OfType<TariffCell>().Select(cell => cell.Name).Distinct(StringComparer.Ordinal).ToArray();
        var ids = names.Select(name => Guid.TryParse(name, out var id) ? id : (Guid?)null).OfType<Guid>().ToArray();

        return names is [] ? [] : await db.Tariffs.AsNoTracking().Where(tariff => names.Contains(tariff.Name) || ids.Contains(tariff.Id)).ToListAsync(cancel);
    }

    /// <summary>Returns the tariffs that a device has with this one, or what is wrong.</summary>
    /// <param name="device">The device.</param>
    /// <param name="timeZone">Its zone as the line has it.</param>
    /// <param name="known">Tariffs that lines of the file name.</param>
    /// <param name="now">Time of the import.</param>
    public async Task<(IReadOnlyList<DeviceTariff> Tariffs, LineError? Error)> ApplyToAsync(
        DeviceDbContext db, Device device, string timeZone, IEnumerable<Tariff> known, DateTimeOffset now, CancellationToken cancel)
    {
        var zone = TimeZoneInfo.TryFindSystemTimeZoneById(timeZone, out var found) ? found : TimeZoneInfo.Utc;
        var (tariffs, error) = With(device.Tariffs, known, DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, zone).DateTime));
        if (error is not null || tariffs.SequenceEqual(device.Tariffs))
            return (tariffs, error);

        var change = new TariffsChange([.. tariffs.Select(entry => new TariffEntry(entry.TariffId, entry.From))]);
        return (tariffs, await change.FaultAsync(db, cancel) is { } fault ? new LineError(Columns.Tariff, fault) : null);
    }

    private (IReadOnlyList<DeviceTariff> Tariffs, LineError? Error) With(IReadOnlyList<DeviceTariff> held, IEnumerable<Tariff> known, DateOnly today)
    {
        var wanted = known.Where(tariff => tariff.Name == Name || (Guid.TryParse(Name, out var id) && tariff.Id == id)).ToList();
        if (wanted is not [{ Id: var tariffId }])
            return (held, new LineError(Columns.Tariff, wanted is [] ? $"There is no tariff “{Name}”." : $"{wanted.Count} tariffs are called “{Name}”. Use the id."));

        if (From is { } from)
        {
            // Nothing changes if the device has the tariff on that date already.
            return held.LastOrDefault(entry => entry.From is null || entry.From <= from) is { } before && before.TariffId == tariffId
                ? (held, null)
                : ([.. held.Where(entry => entry.From != from).Append(new DeviceTariff(tariffId, from)).OrderBy(entry => entry.From)], null);
        }

        // A file that is imported again changes nothing, whatever the device has had since.
        return held is [] ? ([new DeviceTariff(tariffId, From: null)], null)
            : held is [{ From: null, TariffId: { } first }, ..] && first == tariffId ? (held, null)
            : held.LastOrDefault(entry => entry.From is null || entry.From <= today)?.TariffId == tariffId ? (held, null)
            : (held, new LineError(Columns.TariffFrom, "The device has tariffs already. Say since when it has this one, such as 2026-04-01."));
    }
}
