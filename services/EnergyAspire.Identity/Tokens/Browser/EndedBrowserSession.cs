namespace EnergyAspire.Identity.Tokens.Browser;

/// <summary>An ended browser session of Identity. A copy of its cookie is refused.</summary>
public sealed class EndedBrowserSession
{
    /// <summary>Session id, which the cookie holds.</summary>
    public required Guid Id { get; init; }

    /// <summary>When it ended. The row is removed when the cookie has expired.</summary>
    public required DateTimeOffset EndedAt { get; init; }
}
