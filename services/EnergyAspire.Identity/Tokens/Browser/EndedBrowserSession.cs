namespace EnergyAspire.Identity.Tokens.Browser;

/// <summary>A session of a browser with Identity that was ended; its cookie, should somebody have kept it, opens nothing any more.</summary>
public sealed class EndedBrowserSession
{
    /// <summary>Session id, which the cookie holds.</summary>
    public required Guid Id { get; init; }

    /// <summary>When it ended; the row is removed when the cookie would have ended too.</summary>
    public required DateTimeOffset EndedAt { get; init; }
}
