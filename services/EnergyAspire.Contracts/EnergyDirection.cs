namespace EnergyAspire.Contracts;

/// <summary>Which way the energy of a device flows. The names are stored and are part of the API.</summary>
public static class EnergyDirection
{
    /// <summary>The device takes energy.</summary>
    public const string Consumption = "consumption";

    /// <summary>The device gives energy, such as a solar inverter or the feed-in register of a two-way meter.</summary>
    public const string Production = "production";
}
