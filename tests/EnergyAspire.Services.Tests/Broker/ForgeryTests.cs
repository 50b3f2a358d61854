using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.Contracts;
using EnergyAspire.Messaging;
using EnergyAspire.Testing;
using RabbitMQ.Client;

namespace EnergyAspire.Services.Tests.Broker;

/// <summary>What the accounts of services and meters can do at the broker besides their work: nothing that has an effect.</summary>
public sealed class ForgeryTests(ServiceSystem system)
{
    private const string Password = "correct horse battery";
    private const long Newer = 1_000_000;

    private static readonly Guid Stranger = Guid.NewGuid();

    private static readonly string[] Queues =
        [Topology.ReadingQueue, .. Topology.EventQueues.SelectMany(queue => new[] { queue.Name, queue.DeadLetterQueue })];

    private static readonly string[] Exchanges =
        [Topology.EventExchange, Topology.LiveExchange, .. Topology.EventQueues.SelectMany(queue => new[] { queue.DeadLetterExchange, queue.ReplayExchange })];

    private static readonly string[] EventTypes = [.. Topology.MonitoringSync.EventTypes, OverconsumptionDetected.EventType];

    // The events of which each service sends any, and the queue that it follows.
    private static readonly Dictionary<string, (string[] Sends, EventQueue? Follows)> Services = new(StringComparer.Ordinal)
    {
        ["identity"] = ([.. EventTypes.Where(type => type.StartsWith("user_", StringComparison.Ordinal))], null),
        ["users"] = ([], Topology.UserSync),
        ["devices"] = ([.. EventTypes.Where(type => type.StartsWith("device_", StringComparison.Ordinal) || type.StartsWith("tariff_", StringComparison.Ordinal))], Topology.DeviceSync),
        ["monitoring"] = ([OverconsumptionDetected.EventType], Topology.MonitoringSync),
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("meters", false)]
    [InlineData("declaring-meters", true)]
    [InlineData("simulator", false)]
    public async Task Who_reports_readings_can_do_nothing_else_at_the_broker(string account, bool declares)
    {
        await using var meter = await BrokerClient.ConnectAsync(system.Servers, account);

        foreach (var exchange in Exchanges)
        {
            foreach (var type in EventTypes)
                await meter.RefusedToPublishAsync(exchange, type);
            await meter.CannotDeclareExchangeAsync(exchange);
        }

        foreach (var queue in Queues)
        {
            await meter.CannotTouchAsync(queue);
            if (!declares || queue != Topology.ReadingQueue)
                await meter.CannotDeclareAsync(queue);
        }

        await meter.RefusedAsync("declare a queue of its own", channel => channel.QueueDeclareAsync());
        await AssertManagesNothingAsync(meter);
    }

    [Fact]
    public async Task Who_declares_the_queue_of_readings_can_delete_it_but_not_have_readings_sent_elsewhere()
    {
        await using var meter = await BrokerClient.ConnectAsync(system.Servers, "declaring-meters");

        // Monitoring makes the queue again; a declaration that comes later than that fails for another reason.
        await Eventually.TrueAsync(
            async () => await meter.RefusalAsync(async channel =>
            {
                await channel.QueueDeleteAsync(Topology.ReadingQueue);
                await channel.QueueDeclareAsync(
                    Topology.ReadingQueue, durable: true, exclusive: false, autoDelete: false,
                    new Dictionary<string, object?> { ["x-dead-letter-exchange"] = "" });
            }) == Constants.AccessRefused,
            "the broker refuses to send readings on");
    }

    [Theory]
    [InlineData("identity")]
    [InlineData("users")]
    [InlineData("devices")]
    [InlineData("monitoring")]
    public async Task A_service_can_send_no_other_s_events_and_touch_no_other_s_queues(string account)
    {
        var (sends, follows) = Services[account];
        await using var service = await BrokerClient.ConnectAsync(system.Servers, account);

        foreach (var type in EventTypes.Except(sends))
            await service.RefusedToPublishAsync(Topology.EventExchange, type);
        foreach (var queue in Topology.EventQueues.Where(queue => queue != follows))
        {
            await service.RefusedToPublishAsync(queue.ReplayExchange, UserDeleted.EventType);
            await service.RefusedToPublishAsync(queue.DeadLetterExchange, UserDeleted.EventType);
            await service.CannotTouchAsync(queue.Name);
            await service.CannotTouchAsync(queue.DeadLetterQueue);
            await service.CannotDeclareAsync(queue.Name);
            await service.CannotDeclareAsync(queue.DeadLetterQueue);
        }

        // Made anew as another kind of exchange it would ask for no rights to routing keys.
        await service.CannotDeclareExchangeAsync(Topology.EventExchange);
        await service.RefusedToPublishAsync("", Topology.ReadingQueue);
        if (account != "monitoring")
        {
            await service.RefusedToPublishAsync(Topology.LiveExchange, "");
            await service.CannotTouchAsync(Topology.ReadingQueue);
            await service.CannotDeclareAsync(Topology.ReadingQueue);
        }

        await AssertManagesNothingAsync(service);
    }

    [Fact]
    public async Task Forged_events_in_queues_and_among_dead_letters_have_no_effect_and_readings_arrive()
    {
        var victim = await system.AddPersonAsync("victim", Password);
        var device = await DeviceOfAsync(victim);
        await WaitForReplicasAsync(victim, "victim");
        await EmptyDeadLettersAsync();
        var before = await FingerprintAsync();
        var forgeries = Forgeries(victim, device);
        Assert.Equal(EventTypes.Order(), forgeries.Select(forgery => forgery.Type).Order());

        foreach (var account in new[] { "meters", "declaring-meters", "simulator" })
        {
            await using var meter = await BrokerClient.ConnectAsync(system.Servers, account);
            foreach (var (type, body) in forgeries)
            {
                // Everything that a message can say of itself says that it is genuine.
                var headers = new Dictionary<string, object?>
                {
                    ["x-dead-routing-key"] = type,
                    ["x-dead-reason"] = "TimeoutException: the disk was full",
                    ["x-dead-at"] = "2026-11-26T08:00:00.0000000+00:00",
                };
                foreach (var queue in Queues.Where(queue => queue != Topology.ReadingQueue))
                    await meter.PublishAsync("", queue, body, headers, $"{Guid.NewGuid()}");
            }
        }

        foreach (var (path, relay) in Followers())
        {
            var replay = await AdminAsync(relay, HttpMethod.Post, $"{path}/dead-letters/replay");
            Assert.Equal((0, 0), (replay.GetProperty("moved").GetInt32(), replay.GetProperty("left").GetInt32()));
            Assert.Contains($"{3 * forgeries.Count} that this service did not put there were removed", replay.GetProperty("message").GetString(), StringComparison.Ordinal);
        }

        // Genuine events come after the forged ones in each queue, and are followed.
        Assert.Equal(before, await FingerprintAsync());
        var next = await system.AddPersonAsync("next", Password);
        await WaitForReplicasAsync(next, "next");
        Assert.Equal(before, await FingerprintAsync(next));
        Assert.Equal(0u, await CountDeadLettersAsync());

        foreach (var account in new[] { "meters", "declaring-meters" })
        {
            await using var meter = await BrokerClient.ConnectAsync(system.Servers, account);
            if (account == "declaring-meters")
            {
                // As old meters do at each start.
                await meter.DoAsync(channel => channel.QueueDeclareAsync(Topology.ReadingQueue, durable: true, exclusive: false, autoDelete: false));
            }

            var time = DateTimeOffset.UtcNow.AddMinutes(account == "meters" ? -2 : -1);
            await meter.PublishAsync("", Topology.ReadingQueue, JsonSerializer.SerializeToUtf8Bytes(
                new { timestamp = time, device_id = device, measurement_value = 0.231 }));
        }

        await Eventually.GetAsync(
            () => system.Databases.Monitoring.ScalarAsync<long>("select coalesce(sum(reading_count), 0)::bigint from hourly_consumption where device_id = $1", device),
            count => count == 2, "both readings are counted");
    }

    [Fact]
    public async Task A_second_routing_key_of_a_service_s_event_forges_none()
    {
        var victim = await system.AddPersonAsync("copied", Password);
        await WaitForReplicasAsync(victim, "copied");
        await EmptyDeadLettersAsync();
        await using var devices = await BrokerClient.ConnectAsync(system.Servers, "devices");

        // RabbitMQ before 4 checks only the first routing key; the consumer knows the event by that one, too.
        var headers = new Dictionary<string, object?> { ["CC"] = new List<object> { UserDeleted.EventType }, ["x-dead-routing-key"] = UserDeleted.EventType };
        var refused = false;
        try
        {
            await devices.PublishAsync(Topology.EventExchange, DeviceDeleted.EventType, Body(new UserDeleted(victim)), headers, $"{Guid.NewGuid()}");
        }
        catch (RabbitMQ.Client.Exceptions.RabbitMQClientException)
        {
            refused = true;
        }

        // It is no event that Users knows, so it is in its dead letters, and stays what it is when it is tried again.
        if (!refused)
        {
            await Eventually.TrueAsync(async () => await CountDeadLettersAsync() > 0, "the services that are not meant gave it up");
            foreach (var (path, relay) in Followers())
                await AdminAsync(relay, HttpMethod.Post, $"{path}/dead-letters/replay");
        }

        var next = await system.AddPersonAsync("after-copied", Password);
        await WaitForReplicasAsync(next, "after-copied");
        await WaitForReplicasAsync(victim, "copied");
        await EmptyDeadLettersAsync();
    }

    private static List<(string Type, byte[] Body)> Forgeries(Guid victim, Guid device) =>
    [
        (UserCreated.EventType, Body(new UserCreated(Stranger, "stranger", "admin"))),
        (UserUpdated.EventType, Body(new UserUpdated(victim, "victim", "admin"))),
        (UserDeleted.EventType, Body(new UserDeleted(victim))),
        (DeviceCreated.EventType, Body(new DeviceCreated(Stranger, "Forged", "", 1, null, "UTC", 600))),
        (DeviceUpdated.EventType, Body(new DeviceUpdated(device, "Forged", "", 1, null, "UTC", 600))),
        (DeviceDeleted.EventType, Body(new DeviceDeleted(device))),
        (DeviceAssigned.EventType, Body(new DeviceAssigned(Stranger, device))),
        (DeviceUnassigned.EventType, Body(new DeviceUnassigned(victim, device))),
        (TariffUpdated.EventType, Body(new TariffUpdated(Stranger, "Forged", "EUR", [new TariffPrices(null, 1, [])], null))),
        (TariffDeleted.EventType, Body(new TariffDeleted(Stranger))),
        (OverconsumptionDetected.EventType, Body(new OverconsumptionDetected(Stranger, device, DateTimeOffset.UtcNow, 2, 1))),
    ];

    private static byte[] Body<TEvent>(TEvent fact) where TEvent : IEvent => JsonSerializer.SerializeToUtf8Bytes(
        new EventEnvelope<TEvent>(Guid.NewGuid(), TEvent.EventType, DateTimeOffset.UtcNow, Newer, fact), MessageJson.Options);

    private static async Task AssertManagesNothingAsync(BrokerClient client)
    {
        Assert.Equal(HttpStatusCode.Unauthorized, await client.ManageAsync(HttpMethod.Get, "/api/queues"));
        Assert.Equal(HttpStatusCode.Unauthorized, await client.ManageAsync(HttpMethod.Get, "/api/definitions"));
        Assert.Equal(HttpStatusCode.Unauthorized, await client.ManageAsync(HttpMethod.Delete, $"/api/queues/%2f/{Topology.MonitoringSync.Name}/contents"));
    }

    private IEnumerable<(string Path, Relay Service)> Followers() =>
        [("/api/users", system.Users), ("/api/devices", system.Devices), ("/api/monitoring", system.Monitoring)];

    private async Task<Guid> DeviceOfAsync(Guid person) =>
        await system.Databases.Devices.ScalarAsync<Guid>("select device_id from mappings where user_id = $1 order by device_id limit 1", person);

    private Task<Holdings> WaitForReplicasAsync(Guid id, string name)
    {
        var expected = new Holdings($"{name} client Active", $"{name} client Old", $"{name} client", 2, $"{name} client", 2);
        return Eventually.GetAsync(() => system.Databases.HoldingsAsync(id), holdings => holdings == expected, $"{name} and both devices are everywhere");
    }

    /// <summary>All that events write in the services, besides what is about one person.</summary>
    private async Task<string> FingerprintAsync(Guid without = default)
    {
        const string Rows = "select coalesce(md5(string_agg(row::text, '|' order by row::text)), '') from {0} row where {1}";
        var devices = await system.Databases.Devices.ScalarAsync<Guid[]>("select coalesce(array_agg(device_id), '{}') from mappings where user_id = $1", without);
        var sums = new List<string?>
        {
            await SumAsync(system.Databases.Users, "profiles", "id <> $1", without),
            await SumAsync(system.Databases.Users, "accounts", "id <> $1", without),
            await SumAsync(system.Databases.Devices, "user_replicas", "id <> $1", without),
            await SumAsync(system.Databases.Devices, "mappings", "user_id <> $1", without),
            await SumAsync(system.Databases.Devices, "devices", "id <> all($1)", devices!),
            await SumAsync(system.Databases.Monitoring, "user_replicas", "id <> $1", without),
            await SumAsync(system.Databases.Monitoring, "mapping_replicas", "user_id <> $1", without),
            await SumAsync(system.Databases.Monitoring, "device_replicas", "id <> all($1)", devices!),
            await SumAsync(system.Databases.Monitoring, "tariff_replicas", "$1::uuid is not null", without),
            await SumAsync(system.Databases.Monitoring, "alerts", "$1::uuid is not null", without),
        };

        return string.Join(' ', sums);

        static Task<string?> SumAsync(Npgsql.NpgsqlDataSource database, string table, string condition, object parameter) =>
            database.ScalarAsync<string>(string.Format(System.Globalization.CultureInfo.InvariantCulture, Rows, table, condition), parameter);
    }

    private async Task<uint> CountDeadLettersAsync()
    {
        await using var admin = await BrokerClient.ConnectAsync(system.Servers);
        uint count = 0;
        foreach (var queue in Topology.EventQueues)
            count += await admin.DoAsync(channel => channel.MessageCountAsync(queue.DeadLetterQueue, Cancel));

        return count;
    }

    private async Task EmptyDeadLettersAsync()
    {
        await using var admin = await BrokerClient.ConnectAsync(system.Servers);
        foreach (var queue in Topology.EventQueues)
            await admin.DoAsync(channel => channel.QueuePurgeAsync(queue.DeadLetterQueue, Cancel));
    }

    private async Task<JsonElement> AdminAsync(Relay service, HttpMethod method, string path)
    {
        using var http = new HttpClient { BaseAddress = new Uri(service.Address) };
        using var request = await system.AdminAsync(method, path);
        using var answer = await http.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

        return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
    }
}
