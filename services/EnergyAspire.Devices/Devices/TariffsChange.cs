using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using EnergyAspire.Contracts;
using EnergyAspire.Devices.Data;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Devices.Devices;

/// <summary>A tariff in a <see cref="TariffsChange"/>. Unknown fields are rejected.</summary>
/// <param name="TariffId">Id of the tariff; null when the device's own price is valid.</param>
/// <param name="From">First date at the device's site, which may lie in the future. The first entry may be without one; then it has no beginning.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record TariffEntry(Guid? TariffId = null, DateOnly? From = null);

/// <summary>Request that sets which tariffs a device has and since when. Unknown fields are rejected.</summary>
/// <param name="Tariffs">All tariffs, oldest first; each is valid until the next one. Without any, the device's own price is always valid.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record TariffsChange([property: Required, MaxLength(TariffsChange.MostTariffs)] IReadOnlyList<TariffEntry>? Tariffs = null)
{
    internal const int MostTariffs = 200;

    /// <summary>The tariffs in the form that is stored.</summary>
    internal IReadOnlyList<DeviceTariff> ToTariffs() => [.. Tariffs!.Select(tariff => new DeviceTariff(tariff.TariffId, tariff.From))];

    /// <summary>Finds what is wrong. The rows of the tariffs are locked until the transaction ends, so that none is deleted meanwhile.</summary>
    /// <returns>An error message; null when nothing is wrong.</returns>
    internal async Task<string?> FaultAsync(DeviceDbContext db, CancellationToken cancel)
    {
        if (Tariffs is not { Count: <= MostTariffs } || Tariffs.Any(tariff => tariff is null))
            return $"The tariffs are a list of at most {MostTariffs}.";
        if (Tariffs.Skip(1).Any(tariff => tariff.From is null))
            return "Only the first tariff may be without a from.";
        if (Tariffs.Any(tariff => tariff.From?.Year is < 1970 or > 9000))
            return "Each from lies in the years 1970 to 9000.";
        if (Tariffs.Zip(Tariffs.Skip(1)).Any(pair => pair.Second.From <= pair.First.From))
            return "The tariffs are sorted, and each begins after the one before.";

        var ids = Tariffs.Select(tariff => tariff.TariffId).OfType<Guid>().Distinct().Order().ToArray();
        var found = await db.Tariffs.FromSql($"select * from tariffs where id = any({ids}) order by id for share").AsNoTracking().ToListAsync(cancel);
        if (ids.Except(found.Select(tariff => tariff.Id)).ToList() is [var missing, ..])
            return $"There is no tariff {missing}.";
        if (found.Select(tariff => tariff.Currency).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList() is [var one, var other, ..])
            return $"The tariffs of a device have one currency, but these have {one} and {other}.";

        return null;
    }
}
