namespace EnergyAspire.Contracts;

/// <summary>Exchanges, queues and bindings on the broker. The names must not change: meters and scripts use them.</summary>
public static class Topology
{
    /// <summary>Durable queue of meter readings, reached through the default exchange. It is declared without arguments, as meters do.</summary>
    public const string ReadingQueue = "device_data_queue";

    /// <summary>Topic exchange of the broker to which its MQTT plugin publishes. The routing key is the topic, with <c>.</c> instead of <c>/</c>.</summary>
    public const string MqttExchange = "amq.topic";

    /// <summary>Routing keys at <see cref="MqttExchange"/> that are readings: the topic <c>energy/readings</c> and all below it.</summary>
    public const string MqttReadings = "energy.readings.#";

    /// <summary>Durable topic exchange of all events; the routing key is the event's type.</summary>
    public const string EventExchange = "energy.events";

    /// <summary>
    /// Transient fanout exchange for live updates between the replicas of Monitoring. Each replica with live connections has its own transient queue.
    /// </summary>
    public const string LiveExchange = "energy.live";

    /// <summary>Monitoring's replicas of users, devices, mappings and tariffs.</summary>
    public static readonly EventQueue MonitoringSync = new("sync_queue",
    [
        UserCreated.EventType, UserUpdated.EventType, UserDeleted.EventType,
        DeviceCreated.EventType, DeviceUpdated.EventType, DeviceDeleted.EventType,
        DeviceAssigned.EventType, DeviceUnassigned.EventType,
        TariffUpdated.EventType, TariffDeleted.EventType,
    ]);

    /// <summary>Devices' replicas of users.</summary>
    public static readonly EventQueue DeviceSync = new("device_sync_queue",
        [UserCreated.EventType, UserUpdated.EventType, UserDeleted.EventType]);

    /// <summary>Account events for Users, which invalidate tokens and delete data.</summary>
    public static readonly EventQueue UserSync = new("user_sync_queue",
        [UserCreated.EventType, UserUpdated.EventType, UserDeleted.EventType]);

    /// <summary>Every queue that consumes events. Publishers declare them too, so that no event is published before its queue exists.</summary>
    public static readonly IReadOnlyList<EventQueue> EventQueues = [MonitoringSync, DeviceSync, UserSync];

    /// <summary>Event types that none of these queues is bound to. Other systems may bind their own queues.</summary>
    public static readonly IReadOnlySet<string> ForOthers = new HashSet<string>(StringComparer.Ordinal) { OverconsumptionDetected.EventType };
}

/// <summary>A durable queue bound to <see cref="Topology.EventExchange"/>.</summary>
/// <param name="Name">Queue name.</param>
/// <param name="EventTypes">Routing keys it is bound with.</param>
public sealed record EventQueue(string Name, IReadOnlyList<string> EventTypes)
{
    /// <summary>Queue of messages that could not be handled.</summary>
    public string DeadLetterQueue => $"{Name}.dead";

    /// <summary>
    /// Durable fanout exchange to <see cref="DeadLetterQueue"/>, with the same name; the routing key is the event's type. Only the queue's service
    /// may write to it, so a message that reached the queue another way is not from that service.
    /// </summary>
    public string DeadLetterExchange => DeadLetterQueue;

    /// <summary>Durable fanout exchange to the queue, for dead letters that are replayed. Only the queue's service may write to it.</summary>
    public string ReplayExchange => $"{Name}.replay";

    /// <summary>
    /// Whether messages from this exchange are trusted as events. The broker names the exchange in each delivery and enforces who may write to it
    /// (docs/decisions/0033-rights-at-the-broker.md). Through the default exchange every account that reports readings can write to the queue.
    /// </summary>
    public bool Trusts(string exchange) => exchange == Topology.EventExchange || exchange == ReplayExchange;
}
