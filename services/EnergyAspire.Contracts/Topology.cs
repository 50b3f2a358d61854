namespace EnergyAspire.Contracts;

/// <summary>Exchanges, queues and bindings on the broker. The names are fixed: meters and scripts use them.</summary>
public static class Topology
{
    /// <summary>Durable queue of meter readings, reached through the default exchange; declared without arguments, as meters do.</summary>
    public const string ReadingQueue = "device_data_queue";

    /// <summary>Durable topic exchange of all events; the routing key is the event's type.</summary>
    public const string EventExchange = "energy.events";

    /// <summary>
    /// Transient fanout exchange by which the replicas of Monitoring tell each other what to show to those who watch. Nothing is kept
    /// there, and each replica that somebody watches at has a queue of its own.
    /// </summary>
    public const string LiveExchange = "energy.live";

    /// <summary>Monitoring's copies of users, devices and mappings.</summary>
    public static readonly EventQueue MonitoringSync = new("sync_queue",
    [
        UserCreated.EventType, UserUpdated.EventType, UserDeleted.EventType,
        DeviceCreated.EventType, DeviceUpdated.EventType, DeviceDeleted.EventType,
        DeviceAssigned.EventType, DeviceUnassigned.EventType,
    ]);

    /// <summary>Devices' copy of users.</summary>
    public static readonly EventQueue DeviceSync = new("device_sync_queue",
        [UserCreated.EventType, UserUpdated.EventType, UserDeleted.EventType]);

    /// <summary>What Users needs to know of accounts: whose tokens and data are worthless.</summary>
    public static readonly EventQueue UserSync = new("user_sync_queue",
        [UserCreated.EventType, UserUpdated.EventType, UserDeleted.EventType]);

    /// <summary>Every queue that follows events. Publishers declare them too, so that no event precedes its queue.</summary>
    public static readonly IReadOnlyList<EventQueue> EventQueues = [MonitoringSync, DeviceSync, UserSync];

    private static readonly HashSet<string> Followed = [.. EventQueues.SelectMany(queue => queue.EventTypes)];

    /// <summary>Whether a queue of this system follows an event type. Others may follow the rest, or nobody does.</summary>
    public static bool IsFollowed(string eventType) => Followed.Contains(eventType);
}

/// <summary>A durable queue bound to <see cref="Topology.EventExchange"/>.</summary>
/// <param name="Name">Queue name.</param>
/// <param name="EventTypes">Routing keys it is bound with.</param>
public sealed record EventQueue(string Name, IReadOnlyList<string> EventTypes)
{
    /// <summary>Queue of the messages that could not be handled.</summary>
    public string DeadLetterQueue => $"{Name}.dead";
}
