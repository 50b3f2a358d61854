namespace EnergyAspire.Doctor;

/// <summary>Result of a check.</summary>
internal enum CheckResult
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>To be looked at the same day.</summary>
    Warning,

    /// <summary>Something doesn't work, or data or accounts are at risk.</summary>
    Failed,

    /// <summary>The check can't be made; the finding says why.</summary>
    NotChecked,
}

/// <summary>What a check found.</summary>
/// <param name="Result">Result.</param>
/// <param name="Finding">The finding as a sentence.</param>
/// <param name="Action">What to do, as a sentence; null when the result is <see cref="CheckResult.Ok"/>.</param>
internal sealed record Verdict(CheckResult Result, string Finding, string? Action)
{
    public static Verdict Ok(string finding) => new(CheckResult.Ok, finding, null);

    public static Verdict Warning(string finding, string action) => new(CheckResult.Warning, finding, action);

    public static Verdict Failed(string finding, string action) => new(CheckResult.Failed, finding, action);

    public static Verdict NotChecked(string reason, string action) => new(CheckResult.NotChecked, reason, action);
}

/// <summary>A check.</summary>
/// <param name="Name">Unique name.</param>
/// <param name="RunAsync">Makes the check. An exception means that it can't be made.</param>
/// <param name="IfUnreachable">
/// Action when the check throws or takes too long, for a check whose purpose is to reach something: it has failed then. Other checks are not made.
/// </param>
internal sealed record Check(string Name, Func<CancellationToken, Task<Verdict>> RunAsync, string? IfUnreachable = null)
{
    /// <summary>A check that needs no waiting.</summary>
    public static Check Of(string name, Func<Verdict> run) => new(name, _ => Task.FromResult(run()));

    /// <summary>A check that can't be made, because a setting is missing.</summary>
    public static Check WithoutSetting(string name, string setting) =>
        Of(name, () => Verdict.NotChecked($"The setting {setting} is missing.", "Give the doctor the settings of the services."));
}
