using System.Diagnostics;
using System.Diagnostics.Metrics;
using EnergyAspire.ServiceDefaults;

namespace EnergyAspire.Messaging;

/// <summary>Metrics of a service's outbox and event consumers.</summary>
public sealed class MessagingMetrics
{
    /// <summary>Name of the meter.</summary>
    public const string Name = "EnergyAspire.Messaging";

    private readonly Gauge<long> _outboxMessages;
    private readonly Gauge<double> _outboxAge;
    private readonly Histogram<double> _processing;
    private readonly Counter<long> _deadLetters;
    private readonly Counter<long> _refused;

    /// <summary>Creates the instruments. Their names follow OpenTelemetry's messaging conventions where those define one.</summary>
    public MessagingMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(Name);
        _outboxMessages = meter.CreateGauge<long>("energy.outbox.messages", "{message}", "Committed events that wait to be sent.");
        _outboxAge = meter.CreateGauge<double>("energy.outbox.oldest.age", "s", "How long the oldest of them has waited; 0 when none waits.");
        _processing = meter.CreateHistogram(
            "messaging.process.duration", "s", "Duration of handling one message, to its commit.", tags: null, advice: DurationBuckets.Operations);
        _deadLetters = meter.CreateCounter<long>("energy.dead_letters", "{message}", "Messages that were moved to a dead-letter queue.");
        _refused = meter.CreateCounter<long>("energy.events.refused", "{message}", "Messages that were removed because no service had sent them.");
    }

    internal void OutboxSeen(string outbox, long messages, TimeSpan oldest)
    {
        var name = KeyValuePair.Create("energy.outbox.name", (object?)outbox);
        _outboxMessages.Record(messages, name);
        _outboxAge.Record(Math.Max(0, oldest.TotalSeconds), name);
    }

    internal void Processed(string queue, string eventType, TimeSpan duration, Exception? failure)
    {
        var tags = Tags(queue, eventType);
        tags.Add("messaging.operation.name", "handle");
        if (failure is not null)
            tags.Add("error.type", failure.GetType().FullName);
        _processing.Record(duration.TotalSeconds, tags);
    }

    internal void DeadLettered(string queue, string eventType, Exception failure)
    {
        var tags = Tags(queue, eventType);
        tags.Add("error.type", failure.GetType().FullName);
        _deadLetters.Add(1, tags);
    }

    internal void Refused(string queue) => _refused.Add(1, KeyValuePair.Create("messaging.destination.name", (object?)queue));

    private static TagList Tags(string queue, string eventType) => new()
    {
        { "messaging.system", "rabbitmq" },
        { "messaging.destination.name", queue },
        { "messaging.rabbitmq.destination.routing_key", eventType },
    };
}
