using EnergyAspire.Monitoring.Alerts;

namespace EnergyAspire.Monitoring.Readings;

/// <summary>Gets each batch of readings after its commit. Implementations must not block or throw.</summary>
public interface ICommitObserver
{
    /// <summary>Called after a batch was committed.</summary>
    /// <param name="batch">Readings, including duplicates and refused ones.</param>
    /// <param name="alerts">Alerts that were raised with them.</param>
    void Committed(IReadOnlyList<ArrivedReading> batch, IReadOnlyList<RaisedAlert> alerts);
}

/// <summary>Notifies observers of commits.</summary>
internal static class CommitObservers
{
    /// <summary>Passes a committed batch to every observer.</summary>
    public static void Tell(this IEnumerable<ICommitObserver> observers, IReadOnlyList<ArrivedReading> batch, IReadOnlyList<RaisedAlert> alerts)
    {
        foreach (var observer in observers)
            observer.Committed(batch, alerts);
    }
}
