using EnergyAspire.Contracts;

namespace EnergyAspire.Devices.Tariffs;

/// <summary>Prices of energy that several devices can have.</summary>
public sealed class Tariff
{
    /// <summary>Id, never reused after deletion.</summary>
    public required Guid Id { get; init; }

    /// <summary>Display name, 1 to 255 characters, not unique.</summary>
    public required string Name { get; set; }

    /// <summary>Currency of the prices, ISO 4217.</summary>
    public required string Currency { get; init; }

    /// <summary>All prices that are ever valid, oldest first; each is valid until the next one. Replaced, never changed in place.</summary>
    public required IReadOnlyList<TariffPrices> Prices { get; set; }

    /// <summary>Last date, at a device's site, on which it is valid; null when it has no end.</summary>
    public DateOnly? ValidUntil { get; set; }

    /// <summary>When it was added.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it last changed.</summary>
    public required DateTimeOffset UpdatedAt { get; set; }

    /// <summary>Grows by one with each change; events carry it.</summary>
    public long Version { get; set; } = 1;

    /// <summary>The event that announces its new state.</summary>
    public TariffUpdated Updated() => new(Id, Name, Currency, Prices, ValidUntil);

    /// <summary>The tariff as services with replicas of tariffs read it.</summary>
    public TariffState ToState() => new(Id, Name, Currency, Prices, ValidUntil, Version);
}
