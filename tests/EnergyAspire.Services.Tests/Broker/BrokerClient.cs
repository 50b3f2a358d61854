using System.Net;
using System.Net.Http.Headers;
using System.Text;
using EnergyAspire.Contracts;
using EnergyAspire.Testing;
using RabbitMQ.Client;

namespace EnergyAspire.Services.Tests.Broker;

/// <summary>A connection to the broker by one account, which tries what it may or may not do.</summary>
internal sealed class BrokerClient : IAsyncDisposable
{
    private readonly string _address;
    private readonly Uri _management;
    private readonly IConnection _connection;

    private BrokerClient(string address, Uri management, IConnection connection) => (_address, _management, _connection) = (address, management, connection);

    /// <summary>Connects by an account; by the administrator's when it is null.</summary>
    public static async Task<BrokerClient> ConnectAsync(TestServers servers, string? account = null)
    {
        var address = account is null ? servers.Broker : servers.BrokerOf(account);
        return new BrokerClient(address, servers.Running.Management, await new ConnectionFactory { Uri = new Uri(address) }.CreateConnectionAsync());
    }

    /// <summary>Does something on a channel of its own and requires that the broker lets it.</summary>
    public async Task<T> DoAsync<T>(Func<IChannel, Task<T>> work)
    {
        await using var channel = await OpenAsync();
        return await work(channel);
    }

    /// <summary>Publishes and requires that the broker takes it to a queue.</summary>
    public async Task PublishAsync(string exchange, string routingKey, byte[] body, IDictionary<string, object?>? headers = null, string? messageId = null)
    {
        await using var channel = await OpenAsync();
        await channel.BasicPublishAsync(
            exchange, routingKey, mandatory: true, new BasicProperties { MessageId = messageId, Persistent = true, Headers = headers }, body);
    }

    /// <summary>Requires that the account may not publish there.</summary>
    public Task RefusedToPublishAsync(string exchange, string routingKey) => RefusedAsync($"publish {routingKey} to {exchange}", async channel =>
        await channel.BasicPublishAsync(exchange, routingKey, mandatory: true, new BasicProperties(), "{}"u8.ToArray()));

    /// <summary>Requires that the broker refuses something for want of a right.</summary>
    public async Task RefusedAsync(string what, Func<IChannel, Task> attempt) =>
        Assert.True(await RefusalAsync(attempt) == Constants.AccessRefused, $"The broker lets {new Uri(_address).UserInfo.Split(':')[0]} {what}.");

    /// <summary>Why the broker closed the channel that something was tried on; 0 when it didn't.</summary>
    public async Task<ushort> RefusalAsync(Func<IChannel, Task> attempt)
    {
        await using var channel = await OpenAsync();
        try
        {
            await attempt(channel);
            return 0;
        }
        catch (Exception) when (channel.CloseReason is not null)
        {
            return channel.CloseReason.ReplyCode;
        }
    }

    /// <summary>What the management API answers to the account.</summary>
    public async Task<HttpStatusCode> ManageAsync(HttpMethod method, string path)
    {
        using var http = new HttpClient { BaseAddress = _management };
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        var credentials = Uri.UnescapeDataString(new Uri(_address).UserInfo);
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));
        using var answer = await http.SendAsync(request);

        return answer.StatusCode;
    }

    /// <summary>Requires that the account can change and read nothing of this queue besides reporting to it.</summary>
    public async Task CannotTouchAsync(string queue)
    {
        await RefusedAsync($"consume {queue}", channel => channel.BasicConsumeAsync(queue, autoAck: true, new AsyncNullConsumer(channel)));
        await RefusedAsync($"get from {queue}", channel => channel.BasicGetAsync(queue, autoAck: true));
        await RefusedAsync($"purge {queue}", channel => channel.QueuePurgeAsync(queue));
        await RefusedAsync($"bind {queue}", channel => channel.QueueBindAsync(queue, Topology.EventExchange, UserCreated.EventType));
        await RefusedAsync($"unbind {queue}", channel => channel.QueueUnbindAsync(queue, Topology.EventExchange, UserCreated.EventType));
    }

    /// <summary>Requires that the account can neither make nor delete this queue.</summary>
    public async Task CannotDeclareAsync(string queue)
    {
        await RefusedAsync($"delete {queue}", channel => channel.QueueDeleteAsync(queue));
        await RefusedAsync($"declare {queue}", channel => channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false));
    }

    /// <summary>Requires that the account can neither make, change nor delete this exchange.</summary>
    public async Task CannotDeclareExchangeAsync(string exchange)
    {
        await RefusedAsync($"delete the exchange {exchange}", channel => channel.ExchangeDeleteAsync(exchange));
        await RefusedAsync($"declare the exchange {exchange}", channel => channel.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true));
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private Task<IChannel> OpenAsync() => _connection.CreateChannelAsync(
        new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));

    private sealed class AsyncNullConsumer(IChannel channel) : AsyncDefaultBasicConsumer(channel);
}
