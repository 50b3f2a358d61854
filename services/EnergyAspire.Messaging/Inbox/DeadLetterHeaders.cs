using System.Text;
using RabbitMQ.Client;

namespace EnergyAspire.Messaging.Inbox;

/// <summary>Headers that tell why a message could not be handled.</summary>
internal static class DeadLetterHeaders
{
    /// <summary>Why the last try failed.</summary>
    public const string Reason = "x-dead-reason";

    /// <summary>When it was given up.</summary>
    public const string At = "x-dead-at";

    /// <summary>Routing key of the first delivery, which says what happened.</summary>
    public const string RoutingKey = "x-dead-routing-key";

    /// <summary>Returns one of them; null when the message hasn't got it.</summary>
    public static string? Read(IReadOnlyBasicProperties properties, string name) =>
        properties.Headers?.TryGetValue(name, out var value) == true && value is byte[] text ? Encoding.UTF8.GetString(text) : null;
}
