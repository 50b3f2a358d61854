using EnergyAspire.Contracts;

namespace EnergyAspire.Devices.Tariffs;

/// <summary>A tariff as the API shows it.</summary>
/// <param name="Id">Tariff id.</param>
/// <param name="Name">Display name.</param>
/// <param name="Currency">Currency of the prices, ISO 4217.</param>
/// <param name="Prices">All prices that are ever valid, oldest first; each is valid until the next one.</param>
/// <param name="ValidUntil">Last date, at a device's site, on which it is valid; null when it has no end.</param>
/// <param name="CreatedAt">When it was added.</param>
/// <param name="UpdatedAt">When it last changed.</param>
/// <example>{"id":"0198b6a2-1111-7000-8000-000000000001","name":"Day and night","currency":"EUR","prices":[{"from":"2026-01-01","unit_price":0.34,"times":[{"unit_price":0.27,"from_hour":22,"until_hour":6,"weekdays":[],"months":[]}],"base_price_per_day":0,"base_price_per_month":12.5,"feed_in_price":0.08}],"valid_until":null,"created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z"}</example>
public sealed record TariffResponse(
    Guid Id, string Name, string Currency, IReadOnlyList<TariffPrices> Prices, DateOnly? ValidUntil, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    internal static TariffResponse From(Tariff tariff) =>
        new(tariff.Id, tariff.Name, tariff.Currency, tariff.Prices, tariff.ValidUntil, tariff.CreatedAt, tariff.UpdatedAt);
}

/// <summary>A tariff after a change.</summary>
/// <param name="Message">Result as a sentence.</param>
/// <param name="Tariff">The tariff.</param>
public sealed record TariffAnswer(string Message, TariffResponse Tariff);
