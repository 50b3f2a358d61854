namespace EnergyAspire.Simulator.Traffic;

/// <summary>Shares of faulty readings, each from 0 to 1.</summary>
/// <param name="Duplicates">Sent again later with the same content.</param>
/// <param name="Conflicts">Sent again later with another value.</param>
/// <param name="Late">Sent up to <paramref name="LateBy"/> after their time.</param>
/// <param name="OutOfOrder">Sent up to three intervals after their time, so that later readings arrive first.</param>
/// <param name="Malformed">Sent as something that isn't a reading.</param>
/// <param name="Negative">Sent with energy below zero.</param>
/// <param name="Future">Sent with a timestamp ten years ahead.</param>
/// <param name="UnknownDevice">Sent with an id that no device has.</param>
/// <param name="Gaps">Never sent.</param>
/// <param name="ClockChanges">Sent while the meter's clock is wrong; a share of periods of twelve intervals.</param>
/// <param name="LateBy">Longest delay.</param>
public sealed record FaultShares(
    double Duplicates = 0, double Conflicts = 0, double Late = 0, double OutOfOrder = 0, double Malformed = 0, double Negative = 0,
    double Future = 0, double UnknownDevice = 0, double Gaps = 0, double ClockChanges = 0, TimeSpan LateBy = default)
{
    /// <summary>No faults.</summary>
    public static readonly FaultShares None = new();
}
