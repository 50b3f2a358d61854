namespace EnergyAspire.Identity.Accounts;

/// <summary>
/// Wrong sign-ins in a row under one name from one source, whether or not an account has the name, so that a lockout doesn't tell which
/// names exist.
/// </summary>
public sealed class SignInFailure
{
    /// <summary>Name in the form that accounts are found by.</summary>
    public required string NormalizedUsername { get; init; }

    /// <summary>Where they came from: see <see cref="SignInSource"/>.</summary>
    public required string Source { get; init; }

    /// <summary>Failures since the last success or the last hour without one; the end of a second lock begins a new count.</summary>
    public required int Failures { get; init; }

    /// <summary>When the last one was.</summary>
    public required DateTimeOffset LastFailureAt { get; init; }

    /// <summary>Until when every sign-in under this name from this source is refused.</summary>
    public DateTimeOffset? LockedUntil { get; init; }
}
