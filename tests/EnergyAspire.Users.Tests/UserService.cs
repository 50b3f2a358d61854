using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.Contracts;
using EnergyAspire.Messaging;
using EnergyAspire.Messaging.Broker;
using EnergyAspire.Messaging.Sagas;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using EnergyAspire.Users.Data;
using Microsoft.Extensions.DependencyInjection;
using RabbitMQ.Client;

[assembly: AssemblyFixture(typeof(TestServers))]

// The queues' names are fixed, so tests on one broker take turns.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace EnergyAspire.Users.Tests;

/// <summary>Starts the service on the test servers.</summary>
internal static class UserService
{
    /// <summary>Creates a database with all tables and nothing in them.</summary>
    public static Task<string> CreateDatabaseAsync(TestServers servers) =>
        servers.CreateMigratedDatabaseAsync<UserDbContext>("user_db", options => new UserDbContext(options));

    /// <summary>Starts a replica of the service and waits until it is ready.</summary>
    public static async Task<ServiceHost<Program>> StartAsync(
        TestServers servers, string database, string environment = "Development", HttpMessageHandler? identity = null)
    {
        var host = Create(servers.BrokerOf(ResourceNames.Users), database, environment, identity);
        await host.WaitUntilReadyAsync();

        return host;
    }

    /// <summary>A replica that starts with the first request.</summary>
    public static ServiceHost<Program> Create(
        string broker, string database, string environment = "Development", HttpMessageHandler? identity = null) => new(
        new Dictionary<string, string?>
        {
            [$"ConnectionStrings:{ResourceNames.UserDatabase}"] = database,
            [$"ConnectionStrings:{ResourceNames.Messaging}"] = broker,
        },
        environment,
        services => services.ConfigureHttpClientDefaults(http =>
        {
            if (identity is not null)
                http.ConfigurePrimaryHttpMessageHandler(() => identity);
        }));

    /// <summary>Does something with the service's database.</summary>
    public static async Task<T> WithAsync<T>(this ServiceHost<Program> host, Func<UserDbContext, Task<T>> work)
    {
        await using var scope = host.Services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<UserDbContext>());
    }

    /// <summary>Opens a plain AMQP channel, with the event queues declared and emptied.</summary>
    public static async Task<IChannel> OpenChannelAsync(TestServers servers)
    {
        var connection = await new ConnectionFactory { Uri = new Uri(servers.Broker) }.CreateConnectionAsync();
        var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        await connection.DeclareEventTopologyAsync(default);
        foreach (var queue in Topology.EventQueues)
            await channel.QueuePurgeAsync(queue.Name);

        return channel;
    }

    /// <summary>Announces an event as Identity does.</summary>
    public static async Task AnnounceAsync<TEvent>(this IChannel channel, TEvent fact, long version)
        where TEvent : IEvent
    {
        var envelope = new EventEnvelope<TEvent>(Guid.NewGuid(), TEvent.EventType, DateTimeOffset.UtcNow, version, fact);
        await channel.BasicPublishAsync(
            Topology.EventExchange, TEvent.EventType, mandatory: true, new BasicProperties { MessageId = envelope.EventId.ToString() },
            JsonSerializer.SerializeToUtf8Bytes(envelope, MessageJson.Options));
    }

    /// <summary>Sends a request with a JSON body, and perhaps a saga's id or the version that it expects.</summary>
    public static async Task<(HttpStatusCode Status, JsonElement Body, EntityTagHeaderValue? Version)> SendAsync(
        this HttpClient client, HttpMethod method, string path, object? body = null, Guid? saga = null, string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (body is not null)
            request.Content = JsonContent.Create(body);
        if (saga is not null)
            request.Headers.Add(SagaSteps.Header, saga.ToString());
        if (ifMatch is not null)
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);

        using var answer = await client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();

        return (answer.StatusCode, text.Length == 0 ? default : JsonElement.Parse(text), answer.Headers.ETag);
    }

    /// <summary>Creates a profile as the registration saga does, and returns its id.</summary>
    public static async Task<Guid> ProfileAsync(this HttpClient saga, string? email = null, string? fname = null)
    {
        var id = Guid.CreateVersion7();
        var (status, _, _) = await saga.SendAsync(HttpMethod.Post, "/api/users", new { id, username = $"user-{id}", role = "client", fname, email });
        Assert.Equal(HttpStatusCode.Created, status);

        return id;
    }

    /// <summary>A text field; null when it is null.</summary>
    public static string? Text(this JsonElement element, string field) => element.GetProperty(field).GetString();
}
