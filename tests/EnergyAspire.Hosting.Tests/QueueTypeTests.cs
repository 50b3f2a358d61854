using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace EnergyAspire.Hosting.Tests;

/// <summary>Every durable queue is a quorum queue that keeps its messages.</summary>
public sealed class QueueTypeTests
{
    private const string Queue = "device_data_queue";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Plain_durable_queues_are_quorum_queues_that_outlive_a_restart()
    {
        await using var servers = await LocalServers.StartAsync(broker: true);
        await using (var connection = await servers.ConnectAsync())
        {
            await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true), Cancel);
            await channel.QueueDeclareAsync(Queue, durable: true, exclusive: false, autoDelete: false, cancellationToken: Cancel);
            await AssertTypeAsync(connection, "quorum");
            await AssertKeepsWhatIsDeliveredOftenAsync(servers.Management, await servers.AddressAsync("messaging"));
            // What can't be a quorum queue is a classic one as ever.
            await channel.QueueDeclareAsync("of-one-connection", durable: false, exclusive: true, autoDelete: true, cancellationToken: Cancel);
            await channel.QueueDeclareAsync("passing", durable: false, exclusive: false, autoDelete: true, cancellationToken: Cancel);
            await channel.BasicPublishAsync("", Queue, mandatory: true, new BasicProperties { Persistent = true }, Encoding.UTF8.GetBytes("kept"), Cancel);
        }

        await servers.CommandAsync("messaging", "restart");
        await servers.HealthyAsync("messaging");

        await using (var connection = await servers.ConnectAsync())
        {
            await AssertTypeAsync(connection, "quorum");
            await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancel);
            await channel.QueueDeclareAsync(Queue, durable: true, exclusive: false, autoDelete: false, cancellationToken: Cancel);
            Assert.Equal("kept", Encoding.UTF8.GetString((await channel.BasicGetAsync(Queue, autoAck: true, Cancel))!.Body.Span));
        }
    }

    /// <summary>The broker never drops a message by itself.</summary>
    private static async Task AssertKeepsWhatIsDeliveredOftenAsync(Uri management, string address)
    {
        using var http = new HttpClient { BaseAddress = management };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(new Uri(address).UserInfo)));
        for (var tries = 0; ; tries++)
        {
            var queue = await http.GetFromJsonAsync<JsonElement>($"/api/queues/%2f/{Queue}", Cancel);
            if (queue.TryGetProperty("effective_policy_definition", out var policy) && policy.TryGetProperty("delivery-limit", out var limit))
            {
                Assert.Equal(int.MaxValue, limit.GetInt32());
                return;
            }

            // The management page learns of a queue some seconds after it was made.
            Assert.True(tries < 60, $"{queue}");
            await Task.Delay(TimeSpan.FromMilliseconds(500), Cancel);
        }
    }

    /// <summary>Declaring it again as what it is succeeds, as anything else it doesn't.</summary>
    private static async Task AssertTypeAsync(IConnection connection, string type)
    {
        await using (var channel = await connection.CreateChannelAsync(cancellationToken: Cancel))
            await DeclareAsync(channel, type);
        await using (var channel = await connection.CreateChannelAsync(cancellationToken: Cancel))
        {
            var refused = await Assert.ThrowsAsync<OperationInterruptedException>(() => DeclareAsync(channel, type == "quorum" ? "classic" : "quorum"));
            Assert.Equal(Constants.PreconditionFailed, refused.ShutdownReason!.ReplyCode);
        }
    }

    private static Task<QueueDeclareOk> DeclareAsync(IChannel channel, string type) => channel.QueueDeclareAsync(
        Queue, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = type }, cancellationToken: Cancel);
}
