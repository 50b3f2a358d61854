using EnergyAspire.Contracts;
using EnergyAspire.ServiceDefaults;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace EnergyAspire.Doctor.Checks;

/// <summary>Each queue: existence, type, consumers, waiting messages, dead letters.</summary>
internal static class QueueChecks
{
    /// <summary>The queues of the product, and the service that consumes each; dead letters have no consumer.</summary>
    public static readonly IReadOnlyList<InspectedQueue> Queues =
    [
        new(Topology.ReadingQueue, ResourceNames.Monitoring, IsDead: false, Many: 100_000),
        .. new (EventQueue Queue, string Service)[]
        {
            (Topology.UserSync, ResourceNames.Users), (Topology.DeviceSync, ResourceNames.Devices), (Topology.MonitoringSync, ResourceNames.Monitoring),
        }.SelectMany(own => new InspectedQueue[]
        {
            new(own.Queue.Name, own.Service, IsDead: false, Many: 1000), new(own.Queue.DeadLetterQueue, own.Service, IsDead: true, Many: 0),
        }),
    ];

    public static IEnumerable<Check> Of(Installation installation) => installation.Broker is null
        ? [Check.WithoutSetting("queues", $"ConnectionStrings:{ResourceNames.Messaging}")]
        : Queues.Select(queue => new Check($"queue: {queue.Name}", cancel => CheckAsync(installation, queue, cancel)));

    private static async Task<Verdict> CheckAsync(Installation installation, InspectedQueue queue, CancellationToken cancel)
    {
        // The management API counts messages only every few seconds.
        if (await CountAsync(installation, queue.Name, cancel) is not { } count)
        {
            return Verdict.Failed(
                "The queue doesn't exist.", $"Restart {queue.Service}, which declares it, and read in its log why it can't ({Runbook.BrokerAccounts}).");
        }

        if (queue.IsDead && count.MessageCount > 0)
        {
            return Verdict.Failed(
                $"Events that {queue.Service} could not handle: {count.MessageCount}.",
                $"Read the reasons on Repairs, fix the cause and retry the events there ({Runbook.DeadLetters}).");
        }

        if (!queue.IsDead && count.ConsumerCount == 0)
        {
            return Verdict.Failed(
                $"Nobody consumes the queue; waiting messages: {count.MessageCount}.",
                $"Start {queue.Service}, or read in its log why it doesn't consume ({Runbook.ServiceNotScraped}).");
        }

        var (type, reason) = await TypeAsync(installation, queue.Name, cancel);
        var finding = queue.IsDead ? "There are no dead letters" : $"Waiting messages: {count.MessageCount}, consumers: {count.ConsumerCount}";
        if (type is not null and not "quorum")
        {
            return Verdict.Warning(
                $"The queue is a {type} queue: messages can be lost with a node of the broker.", $"Replace it by a quorum queue ({Runbook.QueueTypes}).");
        }

        if (!queue.IsDead && count.MessageCount > queue.Many)
            return Verdict.Warning($"{finding}.", $"Look why {queue.Service} is slow: duration of batches, database, or too few replicas ({Runbook.IngestLag}).");

        return type is null ? Verdict.NotChecked(
            $"{finding}; the type of the queue isn't known: {reason}",
            BrokerManagement.Missing) : Verdict.Ok($"{finding}; it is a quorum queue.");
    }

    /// <summary>Numbers of messages and consumers; null when there is no such queue.</summary>
    internal static async Task<QueueDeclareOk?> CountAsync(Installation installation, string queue, CancellationToken cancel)
    {
        await using var connection = await installation.BrokerFactory().CreateConnectionAsync(cancel);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancel);
        try
        {
            return await channel.QueueDeclarePassiveAsync(queue, cancel);
        }
        catch (OperationInterruptedException missing) when (missing.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            return null;
        }
    }

    /// <summary>The type of a queue; null, and the reason, when it can't be read.</summary>
    internal static async Task<(string? Type, string Reason)> TypeAsync(Installation installation, string queue, CancellationToken cancel)
    {
        try
        {
            var management = new BrokerManagement(installation);
            var found = await management.GetAsync($"queues/{management.VirtualHost}/{queue}", cancel);
            return found is { } element && element.TryGetProperty("type", out var type) ? (type.GetString(), "") : (null, "the management API doesn't say it.");
        }
        catch (HttpRequestException failure)
        {
            return (null, Examination.Reason(failure));
        }
    }
}

/// <summary>A queue of the product.</summary>
/// <param name="Name">Name.</param>
/// <param name="Service">Service that declares and consumes it.</param>
/// <param name="IsDead">Whether it holds dead letters.</param>
/// <param name="Many">More waiting messages than this are a backlog.</param>
internal sealed record InspectedQueue(string Name, string Service, bool IsDead, uint Many);
