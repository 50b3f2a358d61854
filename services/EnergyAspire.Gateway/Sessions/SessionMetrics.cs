using System.Diagnostics.Metrics;

namespace EnergyAspire.Gateway.Sessions;

/// <summary>Metrics of browser sessions.</summary>
public sealed class SessionMetrics
{
    private readonly Counter<long> _sessions;

    /// <summary>Creates the instruments.</summary>
    public SessionMetrics(IMeterFactory meters) => _sessions = meters.Create("EnergyAspire.Gateway").CreateCounter<long>(
        "energy.gateway.sessions", "{session}", "Sessions that were opened, closed, renewed, or refused a renewal, by event.");

    /// <summary>Counts the opening of a session.</summary>
    public void Opened() => Count("opened");

    /// <summary>Counts a sign-out.</summary>
    public void Closed() => Count("closed");

    /// <summary>Counts a renewal of a session's tokens.</summary>
    public void Renewed() => Count("renewed");

    /// <summary>Counts a renewal that Identity refused, which ends the session.</summary>
    public void Refused() => Count("refused");

    private void Count(string what) => _sessions.Add(1, KeyValuePair.Create("energy.session.event", (object?)what));
}
