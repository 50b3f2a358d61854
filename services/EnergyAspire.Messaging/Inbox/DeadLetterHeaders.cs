using System.Text;
using RabbitMQ.Client;

namespace EnergyAspire.Messaging.Inbox;

/// <summary>Headers of dead letters with the reason of the failure.</summary>
internal static class DeadLetterHeaders
{
    /// <summary>Error of the last attempt.</summary>
    public const string Reason = "x-dead-reason";

    /// <summary>When it was dead-lettered.</summary>
    public const string At = "x-dead-at";

    /// <summary>The event's type, for people who inspect the queue; the same as the routing key.</summary>
    public const string RoutingKey = "x-dead-routing-key";

    /// <summary>Reads a header; null when the message doesn't have it.</summary>
    public static string? Read(IReadOnlyBasicProperties properties, string name) =>
        properties.Headers?.TryGetValue(name, out var value) == true && value is byte[] text ? Encoding.UTF8.GetString(text) : null;
}
