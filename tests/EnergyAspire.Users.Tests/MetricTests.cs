using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using EnergyAspire.Contracts;
using EnergyAspire.Messaging;
using EnergyAspire.Testing;
using RabbitMQ.Client;

namespace EnergyAspire.Users.Tests;

/// <summary>What a consumer tells of its work.</summary>
public sealed class MetricTests(TestServers servers)
{
    [Fact]
    public async Task Handled_and_dead_messages_are_counted_with_their_queue()
    {
        var seen = new ConcurrentBag<(string Instrument, string Tags)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == MessagingMetrics.Name)
                    self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => seen.Add((instrument.Name, Text(tags))));
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => seen.Add((instrument.Name, Text(tags))));
        listener.Start();
        await using var host = await UserService.StartAsync(servers, await UserService.CreateDatabaseAsync(servers));
        await using var channel = await UserService.OpenChannelAsync(servers);

        await channel.AnnounceAsync(new UserCreated(Guid.NewGuid(), "metered", "client", 1), version: 1);
        await channel.BasicPublishAsync(
            Topology.EventExchange, "user_created", mandatory: true, new BasicProperties { MessageId = Guid.NewGuid().ToString() }, "nonsense"u8.ToArray());

        await Eventually.TrueAsync(() => Task.FromResult(
            seen.Any(one => one.Instrument == "messaging.process.duration" && one.Tags.Contains(Topology.UserSync.Name, StringComparison.Ordinal) && !one.Tags.Contains("error.type", StringComparison.Ordinal))
            && seen.Any(one => one.Instrument == "messaging.process.duration" && one.Tags.Contains("error.type=System.Text.Json.JsonException", StringComparison.Ordinal))
            && seen.Any(one => one.Instrument == "energy.dead_letters" && one.Tags.Contains("user_created", StringComparison.Ordinal))), "the messages are counted");

        static string Text(ReadOnlySpan<KeyValuePair<string, object?>> tags) => string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"));
    }
}
