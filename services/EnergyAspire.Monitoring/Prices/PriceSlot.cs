using EnergyAspire.Contracts;
using EnergyAspire.Monitoring.Hours;

namespace EnergyAspire.Monitoring.Prices;

/// <summary>Which of a device's prices a clock hour has.</summary>
/// <param name="Entry">Position of the first of the consecutive entries with the same tariff in the list of tariffs; -1 before the first entry.</param>
/// <param name="Prices">
/// Position of the tariff's prices: -1 before the first ones, their number after the tariff's last date. For the own price the position of the first of the
/// consecutive settings with the same price; -1 without a history.
/// </param>
/// <param name="Time">Position of the time of use; -1 for all other times, and for production.</param>
internal readonly record struct PriceSlot(int Entry, int Prices, int Time);

/// <summary>Finds the prices of hours and dates in a schedule.</summary>
internal static class PriceSlots
{
    /// <summary>Returns which prices a clock hour that starts at a time has.</summary>
    public static PriceSlot SlotAt(this PriceSchedule schedule, DateTimeOffset hourStart)
    {
        var local = TimeZoneInfo.ConvertTime(hourStart, schedule.Zone);
        var date = DateOnly.FromDateTime(local.DateTime);

        return schedule.SlotOn(date) is { } slot
            ? slot with { Time = !schedule.IsProduction && schedule.PricesOf(slot) is { } prices ? prices.Times.IndexOf(time => time.Contains(date, local.Hour)) : -1 }
            : new PriceSlot(schedule.EntryAt(date), OwnPriceAt(schedule.Settings, hourStart), Time: -1);
    }

    /// <summary>Returns which prices of a tariff are valid on a date, without a time of use; null on dates without a tariff.</summary>
    public static PriceSlot? SlotOn(this PriceSchedule schedule, DateOnly date)
    {
        var entry = schedule.EntryAt(date);
        if (entry < 0 || schedule.Entries[entry].TariffId is null)
            return null;

        var tariff = schedule.TariffOf(schedule.Entries[entry]);
        return new PriceSlot(
            entry, tariff is null ? -1 : date > tariff.ValidUntil ? tariff.Prices.Count : tariff.Prices.LastIndexOf(prices => prices.From is null || prices.From <= date), Time: -1);
    }

    /// <summary>Returns the prices of a tariff; null for the own price, and when the tariff has none.</summary>
    public static TariffPrices? PricesOf(this PriceSchedule schedule, PriceSlot slot) =>
        slot.Entry >= 0 && schedule.TariffOf(schedule.Entries[slot.Entry]) is { } tariff ? tariff.Prices.ElementAtOrDefault(slot.Prices) : null;

    /// <summary>Returns the dates on which prices are valid; null for an end that they don't have.</summary>
    public static (DateOnly? First, DateOnly? Last) DatesOf(this PriceSchedule schedule, PriceSlot slot)
    {
        var entry = slot.Entry < 0 ? null : schedule.Entries[slot.Entry];
        var next = schedule.Entries.Skip(slot.Entry + 1).FirstOrDefault(later => later.TariffId != entry?.TariffId);
        var (first, last) = entry?.TariffId is null ? OwnPriceDates(schedule, slot.Prices)
            : schedule.TariffOf(entry) is not { } tariff ? default
            : slot.Prices == tariff.Prices.Count ? (tariff.ValidUntil?.AddDays(1), null)
            : (slot.Prices < 0 ? null : tariff.Prices[slot.Prices].From, Earlier(tariff.Prices.ElementAtOrDefault(slot.Prices + 1)?.From?.AddDays(-1), tariff.ValidUntil));

        return (Later(entry?.From, first), Earlier(next?.From?.AddDays(-1), last));
    }

    private static (DateOnly? First, DateOnly? Last) OwnPriceDates(PriceSchedule schedule, int position)
    {
        if (position < 0)
            return default;

        var settings = schedule.Settings[position];
        var next = schedule.Settings.Skip(position + 1).FirstOrDefault(later => later.Price != settings.Price);
        // The first settings are valid before their time, too.
        return (
            position > 0 && settings.From is { } from ? SiteClock.DateAt(from, schedule.Zone) : null,
            next?.From is { } until ? SiteClock.DateAt(until.AddTicks(-1), schedule.Zone) : null);
    }

    private static int EntryAt(this PriceSchedule schedule, DateOnly date)
    {
        var entry = schedule.Entries.LastIndexOf(entry => entry.From is null || entry.From <= date);
        while (entry > 0 && schedule.Entries[entry - 1].TariffId == schedule.Entries[entry].TariffId)
            entry--;

        // Before the first entry the own price is valid.
        return entry == 0 && schedule.Entries[0].TariffId is null ? -1 : entry;
    }

    private static int OwnPriceAt(IReadOnlyList<DeviceSettings> settings, DateTimeOffset time)
    {
        if (settings is [])
            return -1;

        var position = int.Max(0, settings.LastIndexOf(valid => valid.From is null || valid.From <= time));
        while (position > 0 && settings[position - 1].Price == settings[position].Price)
            position--;

        return position;
    }

    private static int IndexOf<T>(this IReadOnlyList<T> list, Func<T, bool> isWanted)
    {
        for (var index = 0; index < list.Count; index++)
        {
            if (isWanted(list[index]))
                return index;
        }

        return -1;
    }

    private static int LastIndexOf<T>(this IReadOnlyList<T> list, Func<T, bool> isWanted)
    {
        var index = list.Count - 1;
        while (index >= 0 && !isWanted(list[index]))
            index--;

        return index;
    }

    private static DateOnly? Later(DateOnly? one, DateOnly? other) => one is null || other > one ? other : one;

    private static DateOnly? Earlier(DateOnly? one, DateOnly? other) => one is null || other < one ? other : one;
}
