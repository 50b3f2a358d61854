using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace EnergyAspire.StandIns.Tests;

public sealed class QueueTypeTests
{
    private const string Queue = "device_data_queue";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_mounted_setting_makes_plain_durable_queues_quorum_queues_that_keep_their_messages()
    {
        var name = $"test-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
        await using var builder = DistributedApplicationTestingBuilder.Create();
        var server = builder.AddRabbitMQ(name).WithManagementPlugin().WithDataVolume().WithBindMount(
            Path.Combine(AppContext.BaseDirectory, "rabbitmq.conf"), "/etc/rabbitmq/conf.d/50-queues.conf", isReadOnly: true);
        await using var app = await builder.BuildAsync(Cancel);
        await app.StartAsync(Cancel).WaitAsync(Patience, Cancel);
        var started = await app.ResourceNotifications.WaitForResourceHealthyAsync(name, Cancel).WaitAsync(Patience, Cancel);
        var address = (await app.GetConnectionStringAsync(name, Cancel))!;
        try
        {
            await using (var connection = await ConnectAsync(address))
            {
                await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true), Cancel);
                await channel.QueueDeclareAsync(Queue, durable: true, exclusive: false, autoDelete: false, cancellationToken: Cancel);
                await AssertTypeAsync(connection, "quorum");
                await AssertKeepsWhatIsDeliveredOftenAsync(server.Resource, address);
                // What can't be a quorum queue is a classic one as ever.
                await channel.QueueDeclareAsync("of-one-connection", durable: false, exclusive: true, autoDelete: true, cancellationToken: Cancel);
                await channel.QueueDeclareAsync("passing", durable: false, exclusive: false, autoDelete: true, cancellationToken: Cancel);
                await channel.BasicPublishAsync(
                    "", Queue, mandatory: true, new BasicProperties { Persistent = true }, Encoding.UTF8.GetBytes("kept"), Cancel);
            }

            var restarted = await app.Services.GetRequiredService<ResourceCommandService>().ExecuteCommandAsync(server.Resource, "restart", Cancel);
            Assert.True(restarted.Success, restarted.Message);
            await app.ResourceNotifications.WaitForResourceHealthyAsync(name, Cancel).WaitAsync(Patience, Cancel);

            await using (var connection = await ConnectAsync(address))
            {
                await AssertTypeAsync(connection, "quorum");
                await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancel);
                var declared = await channel.QueueDeclareAsync(Queue, durable: true, exclusive: false, autoDelete: false, cancellationToken: Cancel);
                Assert.Equal(1u, declared.MessageCount);
                Assert.Equal("kept", Encoding.UTF8.GetString((await channel.BasicGetAsync(Queue, autoAck: true, Cancel))!.Body.Span));
            }
        }
        finally
        {
            await app.StopAsync(CancellationToken.None);
            Directory.Delete((string)started.Snapshot.Properties.Single(property => property.Name == "executable.workDir").Value!, recursive: true);
        }
    }

    [Fact]
    public async Task Without_the_setting_queues_are_classic()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create();
        builder.AddRabbitMQ("messaging");
        await using var app = await builder.BuildAsync(Cancel);
        await app.StartAsync(Cancel).WaitAsync(Patience, Cancel);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("messaging", Cancel).WaitAsync(Patience, Cancel);

        await using var connection = await ConnectAsync((await app.GetConnectionStringAsync("messaging", Cancel))!);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancel);
        await channel.QueueDeclareAsync(Queue, durable: true, exclusive: false, autoDelete: false, cancellationToken: Cancel);
        await AssertTypeAsync(connection, "classic");
    }

    [Fact]
    public void Another_mount_than_of_settings_is_refused()
    {
        using var builder = DistributedApplicationTestingBuilder.Create();

        Assert.Throws<NotSupportedException>(() => builder.AddRabbitMQ("messaging").WithBindMount("certificates", "/etc/ssl"));
    }

    private static Task<IConnection> ConnectAsync(string address) =>
        new ConnectionFactory { Uri = new Uri(address), AutomaticRecoveryEnabled = false }.CreateConnectionAsync(Cancel);

    /// <summary>The broker never drops a message by itself.</summary>
    private static async Task AssertKeepsWhatIsDeliveredOftenAsync(RabbitMQServerResource server, string address)
    {
        var management = await server.ManagementEndpoint.GetValueAsync(Cancel);
        using var http = new HttpClient { BaseAddress = new Uri(management!) };
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
