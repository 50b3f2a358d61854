using EnergyAspire.Contracts;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Hours;
using EnergyAspire.Monitoring.Replicas;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Prices;

/// <summary>What a device's energy costs when: the prices of its tariffs, and its own price at times without one.</summary>
/// <param name="IsProduction">Whether the device gives energy. Then it is paid for: its prices are negative, and it has no base prices.</param>
/// <param name="Price">Own price per kWh; null when unknown.</param>
/// <param name="Settings">History of the own price.</param>
/// <param name="Entries">Tariffs of the device, oldest first.</param>
/// <param name="Tariffs">Those tariffs by id. Hours of a tariff that isn't known here have no price.</param>
/// <param name="Zone">Zone of the site.</param>
internal sealed record PriceSchedule(
    bool IsProduction, decimal? Price, IReadOnlyList<DeviceSettings> Settings, IReadOnlyList<DeviceTariff> Entries, IReadOnlyDictionary<Guid, TariffReplica> Tariffs, TimeZoneInfo Zone)
{
    /// <summary>Currency of the device's tariffs, ISO 4217; null for the installation's.</summary>
    public string? Currency => Entries.Select(TariffOf).OfType<TariffReplica>().FirstOrDefault()?.Currency;

    /// <summary>Returns the price per kWh of a clock hour that starts at a time; null when there is none.</summary>
    public decimal? At(DateTimeOffset hourStart)
    {
        if (Entries is not [])
        {
            var local = TimeZoneInfo.ConvertTime(hourStart, Zone);
            var date = DateOnly.FromDateTime(local.DateTime);
            if (EntryOn(date) is { TariffId: not null } entry)
            {
                var prices = TariffOf(entry)?.PricesOn(date);
                return IsProduction ? -prices?.FeedInPrice : prices?.UnitPriceAt(date, local.Hour);
            }
        }

        var own = Settings.At(hourStart) is { } valid ? valid.Price : Price;
        return IsProduction ? -own : own;
    }

    /// <summary>Returns the base price of a date; null when there is none.</summary>
    public decimal? BaseOn(DateOnly date) =>
        !IsProduction && EntryOn(date) is { TariffId: not null } entry && TariffOf(entry)?.PricesOn(date) is { } prices && prices is not { BasePricePerDay: 0, BasePricePerMonth: 0 }
            ? prices.BasePriceOf(date)
            : null;

    /// <summary>Whether the device was given a tariff explicitly from a date that is not after this one.</summary>
    public bool IsGivenOn(DateOnly date) => EntryOn(date) is { TariffId: not null, From: not null };

    /// <summary>Returns the instants after the start of a span at which the price may change, in order.</summary>
    /// <param name="from">Start of the span.</param>
    /// <param name="until">End of the span, exclusive.</param>
    public IEnumerable<DateTimeOffset> Changes(DateTimeOffset from, DateTimeOffset until)
    {
        var own = Settings.Select(settings => settings.From).OfType<DateTimeOffset>();
        var all = Entries is [] ? own : own.Union(TariffChanges(SiteClock.DateAt(from, Zone), SiteClock.DateAt(until, Zone))).Order();

        return all.Where(change => change > from && change < until);
    }

    /// <summary>Returns the tariff of an entry; null for the own price, and when the tariff isn't known here.</summary>
    public TariffReplica? TariffOf(DeviceTariff entry) => entry.TariffId is { } id ? Tariffs.GetValueOrDefault(id) : null;

    private IEnumerable<DateTimeOffset> TariffChanges(DateOnly first, DateOnly last)
    {
        // Without a tariff the own price is valid; with a tariff that has no prices on the date, none is.
        (bool HasTariff, TariffPrices? Prices) before = default;
        for (var date = first; date <= last; date = date.AddDays(1))
        {
            var now = EntryOn(date) is { TariffId: not null } entry ? (true, TariffOf(entry)?.PricesOn(date)) : default;
            if (now.Item2 is { Times: not [] } prices)
            {
                foreach (var boundary in BoundariesOf(date, [.. prices.Boundaries()]))
                    yield return boundary;
            }
            else if (now != before)
            {
                yield return SiteClock.Day(date, Zone).Start;
            }

            before = now;
        }
    }

    /// <summary>Returns when the first clock hour of a date with each of some numbers, or with a higher one, starts.</summary>
    private IEnumerable<DateTimeOffset> BoundariesOf(DateOnly date, int[] hours)
    {
        var (start, end) = SiteClock.Day(date, Zone);
        if (end - start == TimeSpan.FromDays(1) && Zone.GetUtcOffset(start) == Zone.GetUtcOffset(end))
            return hours.Select(hour => start.AddHours(hour));

        // The clock changes on this date.
        var starts = SiteClock.HoursOf(date, Zone).Select(hour => (Start: hour, TimeZoneInfo.ConvertTime(hour, Zone).Hour)).ToList();
        return hours.Select(hour => starts.Find(clock => clock.Hour >= hour)).Where(found => found != default).Select(found => found.Start).Append(start).Distinct().Order();
    }

    private DeviceTariff? EntryOn(DateOnly date) => Entries.LastOrDefault(entry => entry.From is null || entry.From <= date);
}

/// <summary>Reads price schedules.</summary>
internal static class PriceSchedules
{
    /// <summary>Reads the tariffs of devices. Without tariffs the database isn't asked.</summary>
    public static async Task<Dictionary<Guid, TariffReplica>> TariffsAsync(
        this MonitoringDbContext db, IEnumerable<IReadOnlyList<DeviceTariff>> entries, CancellationToken cancel)
    {
        var ids = entries.SelectMany(tariffs => tariffs).Select(entry => entry.TariffId).OfType<Guid>().Distinct().ToArray();
        return ids is [] ? [] : await db.Tariffs.AsNoTracking().Where(tariff => ids.Contains(tariff.Id)).ToDictionaryAsync(tariff => tariff.Id, cancel);
    }

    /// <summary>Reads the price schedules of devices.</summary>
    public static async Task<Dictionary<Guid, PriceSchedule>> PriceSchedulesAsync(
        this MonitoringDbContext db, IReadOnlyCollection<DeviceReplica> devices, CancellationToken cancel)
    {
        var tariffs = await db.TariffsAsync(devices.Select(device => device.Tariffs ?? []), cancel);
        return devices.ToDictionary(device => device.Id, device => new PriceSchedule(
            device.IsProduction, device.Price, device.Settings, device.Tariffs ?? [], tariffs, TimeZoneInfo.FindSystemTimeZoneById(device.TimeZone)));
    }
}
