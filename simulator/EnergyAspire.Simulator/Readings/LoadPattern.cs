namespace EnergyAspire.Simulator.Readings;

/// <summary>Factor on a meter's base load in some hours of the day.</summary>
/// <param name="Name">Key in the configuration.</param>
/// <param name="Hours">Hours of the day, 0 to 23. An hour in no pattern has multiplier 1.</param>
/// <param name="Multiplier">Factor on the base load.</param>
public sealed record LoadPattern(string Name, IReadOnlyList<int> Hours, double Multiplier)
{
    /// <summary>Default patterns of a household.</summary>
    public static readonly IReadOnlyList<LoadPattern> Defaults =
    [
        new("night", [0, 1, 2, 3, 4, 5], 0.5),
        new("morning", [6, 7, 8], 1.2),
        new("day", [9, 10, 11, 12, 13, 14, 15, 16], 0.8),
        new("evening", [17, 18, 19, 20, 21], 1.5),
        new("late", [22, 23], 0.7),
    ];
}
