namespace EnergyAspire.Contracts;

/// <summary>An event that one service publishes to <see cref="Topology.EventExchange"/> and others may consume.</summary>
/// <remarks>Delivered at least once, and in any order across aggregates. Consumers detect outdated events by the envelope's version.</remarks>
public interface IEvent
{
    /// <summary>Type name and routing key, e.g. <c>device_assigned</c>.</summary>
    static abstract string EventType { get; }

    /// <summary>What the event is about, unique in the whole system. Events of one aggregate are published in order.</summary>
    string Aggregate { get; }
}
