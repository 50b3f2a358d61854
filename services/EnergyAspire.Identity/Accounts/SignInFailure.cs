namespace EnergyAspire.Identity.Accounts;

/// <summary>
/// Consecutive failed sign-ins under one name from one source. They are counted whether or not an account has the name, so that a lockout
/// doesn't reveal which names exist.
/// </summary>
public sealed class SignInFailure
{
    /// <summary>Normalized name, by which accounts are found.</summary>
    public required string NormalizedUsername { get; init; }

    /// <summary>Where they came from: see <see cref="SignInSource"/>.</summary>
    public required string Source { get; init; }

    /// <summary>Number of failures. It restarts after a success, after an hour without failures, and after the second lock.</summary>
    public required int Failures { get; init; }

    /// <summary>When the last one was.</summary>
    public required DateTimeOffset LastFailureAt { get; init; }

    /// <summary>Until when every sign-in under this name from this source is refused.</summary>
    public DateTimeOffset? LockedUntil { get; init; }
}
