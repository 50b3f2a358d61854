namespace EnergyAspire.Contracts;

/// <summary>A fact that one service announces on <see cref="Topology.EventExchange"/> and others may follow.</summary>
/// <remarks>Delivered at least once and in any order across aggregates; the envelope's version tells old from new.</remarks>
public interface IEvent
{
    /// <summary>Name on the wire and routing key, e.g. <c>device_assigned</c>.</summary>
    static abstract string EventType { get; }

    /// <summary>What the event is about, unique in the whole system; events of one aggregate are sent in order.</summary>
    string Aggregate { get; }
}
