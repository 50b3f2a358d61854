namespace EnergyAspire.ServiceDefaults;

/// <summary>Fixed ids of the people and devices that exist in Development only, so that services and the simulator agree on them.</summary>
public static class DevelopmentData
{
    /// <summary>Account <c>admin</c>.</summary>
    public static readonly Guid Admin = new("00000000-0000-7000-8000-0000000000a0");

    /// <summary>Account <c>alice</c>.</summary>
    public static readonly Guid Alice = new("00000000-0000-7000-8000-0000000000a1");

    /// <summary>Account <c>bob</c>.</summary>
    public static readonly Guid Bob = new("00000000-0000-7000-8000-0000000000b0");

    /// <summary>Alice's heat pump.</summary>
    public static readonly Guid HeatPump = new("00000000-0000-7000-8000-0000000000d1");

    /// <summary>Alice's kitchen.</summary>
    public static readonly Guid Kitchen = new("00000000-0000-7000-8000-0000000000d2");

    /// <summary>Laundry that Alice and Bob share.</summary>
    public static readonly Guid Laundry = new("00000000-0000-7000-8000-0000000000d3");

    /// <summary>Bob's car charger.</summary>
    public static readonly Guid CarCharger = new("00000000-0000-7000-8000-0000000000d4");

    /// <summary>Creation time of the development rows; fixed, so that seeding is idempotent.</summary>
    public static readonly DateTimeOffset Since = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
}
