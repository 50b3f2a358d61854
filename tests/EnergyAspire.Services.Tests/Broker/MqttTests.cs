using System.Diagnostics;
using System.Net.Http.Json;
using EnergyAspire.Contracts;
using EnergyAspire.Testing;
using RabbitMQ.Client;

namespace EnergyAspire.Services.Tests.Broker;

/// <summary>Meters that publish by MQTT, here Debian's <c>mosquitto_pub</c>.</summary>
public sealed class MqttTests(ServiceSystem system)
{
    // Seconds. Some refusals make the client connect again and again.
    private const string Short = "5";

    // Exit code of mosquitto_pub when the broker closes the connection.
    private const int ConnectionLost = 7;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("energy/readings/{0}")]
    [InlineData("energy/readings")]
    [InlineData("energy/readings/north/7")]
    public async Task A_reading_by_MQTT_is_counted_once_however_often_it_comes(string topic)
    {
        var device = await AddDeviceAsync();

        // The last one comes after both copies of the first.
        foreach (var (minute, value) in new[] { (0, 0.231m), (0, 0.231m), (10, 0.1m) })
            Assert.Equal((0, ""), await PublishAsync(string.Format(null, topic, device), ReadingOf(device, minute, value)));

        await StoredAsync(device, 2);
        Assert.Equal(331_000, await system.Databases.Monitoring.ScalarAsync<long>("select sum(energy)::bigint from hourly_consumption where device_id = $1", device));
    }

    [Fact]
    public async Task Readings_arrive_again_after_their_queue_was_deleted()
    {
        var device = await AddDeviceAsync();
        await using var admin = await BrokerClient.ConnectAsync(system.Servers);
        await admin.DoAsync(channel => channel.QueueDeleteAsync(Topology.ReadingQueue, cancellationToken: Cancel));

        // One that comes before Monitoring has declared and bound the queue again is lost.
        await Eventually.TrueAsync(
            async () =>
            {
                Assert.Equal((0, ""), await PublishAsync("energy/readings", ReadingOf(device, 0, 0.231m)));
                return await CountAsync(device) == 1;
            },
            "a reading arrives");
    }

    [Theory]
    [InlineData("energy/events")]
    [InlineData("user_updated")]
    public async Task Other_topics_are_refused(string topic)
    {
        Assert.Equal(ConnectionLost, (await PublishAsync(topic, "{}")).Code);
    }

    [Fact]
    public async Task Nobody_subscribes_or_publishes_with_a_wrong_password_or_none_or_with_an_account_for_AMQP()
    {
        // It reconnects whenever the broker has refused the subscription; with -E a subscription that is granted would end it at once with 0.
        Assert.NotEqual(0, (await RunAsync("timeout", ["5", "mosquitto_sub", .. AddressAndAccountOf("mqtt-meters"), "-q", "1", "-t", "energy/readings/#", "-E"])).Code);
        Assert.NotEqual(0, (await PublishAsync("energy/readings", "{}", [.. Address, "-u", "mqtt-meters", "-P", "wrong"], Short)).Code);
        Assert.NotEqual(0, (await PublishAsync("energy/readings", "{}", Address, Short)).Code);
        Assert.NotEqual(0, (await PublishAsync("energy/readings", "{}", AddressAndAccountOf("meters"), Short)).Code);
    }

    [Fact]
    public async Task The_account_for_MQTT_can_do_nothing_by_AMQP_but_publish_readings()
    {
        await using var meter = await BrokerClient.ConnectAsync(system.Servers, "mqtt-meters");

        await meter.RefusedToPublishAsync("", "device_data_queue");
        await meter.RefusedToPublishAsync("energy.events", "user_updated");
        await meter.RefusedToPublishAsync("amq.topic", "user_updated");
        await meter.RefusedAsync("declare a queue", channel => channel.QueueDeclareAsync(cancellationToken: Cancel));
        await meter.RefusedAsync("read the readings", channel => channel.BasicGetAsync("device_data_queue", autoAck: true, Cancel));
    }

    [Fact]
    public async Task An_account_of_a_fleet_publishes_to_its_topics_only()
    {
        var (user, virtualHost) = ($"fleet-{Guid.NewGuid():N}", system.Servers.VirtualHost);
        await ManageAsync($"users/{user}", new { password = "north wind", tags = "" });
        await ManageAsync($"permissions/{virtualHost}/{user}", new { configure = "^$", write = @"^amq\.topic$", read = "^$" });
        await ManageAsync($"topic-permissions/{virtualHost}/{user}", new { exchange = "amq.topic", write = @"^energy\.readings\.north(\.[a-zA-Z0-9_-]+)*$", read = "^$" });
        string[] fleet = [.. Address, "-u", $"{Uri.UnescapeDataString(virtualHost)}:{user}", "-P", "north wind"];

        Assert.Equal((0, ""), await PublishAsync("energy/readings/north/7", "[]", fleet));
        Assert.Equal(ConnectionLost, (await PublishAsync("energy/readings/south/7", "[]", fleet)).Code);
        Assert.Equal(ConnectionLost, (await PublishAsync("energy/readings", "[]", fleet)).Code);

        async Task ManageAsync(string path, object body)
        {
            using var management = system.Servers.ManagementClient();
            (await management.PutAsJsonAsync(new Uri($"/api/{path}", UriKind.Relative), body, Cancel)).EnsureSuccessStatusCode();
        }
    }

    /// <summary>Adds a device and waits until Monitoring knows it. Before, readings would wait for their retry and come in another order.</summary>
    private async Task<Guid> AddDeviceAsync()
    {
        var device = await system.AddDeviceAsync($"MQTT {Guid.NewGuid():N}");
        await Eventually.TrueAsync(
            async () => await system.Databases.Monitoring.ScalarAsync<long>("select count(*) from device_replicas where id = $1", device) == 1, "the device is known");

        return device;
    }

    private static string ReadingOf(Guid device, int minute, decimal value) =>
        $$"""{"timestamp": "{{DateTime.UtcNow.Date.AddDays(-1):yyyy-MM-dd}}T10:{{minute:00}}:00Z", "device_id": "{{device}}", "measurement_value": {{value}}}""";

    private Task<long> CountAsync(Guid device) => system.Databases.Monitoring.ScalarAsync<long>("select count(*) from readings where device_id = $1", device);

    private Task StoredAsync(Guid device, int count) => Eventually.TrueAsync(async () => await CountAsync(device) == count, $"{count} readings are stored");

    private string[] Address => ["-h", "127.0.0.1", "-p", $"{system.Servers.Running.Mqtt.Port}"];

    private string[] AddressAndAccountOf(string account)
    {
        var (user, password) = system.Servers.MqttAccountOf(account);
        return [.. Address, "-u", user, "-P", password];
    }

    private Task<(int Code, string Errors)> PublishAsync(string topic, string body, string[]? client = null, string limit = "30") =>
        RunAsync("timeout", [limit, "mosquitto_pub", .. client ?? AddressAndAccountOf("mqtt-meters"), "-q", "1", "-t", topic, "-m", body]);

    private static async Task<(int Code, string Errors)> RunAsync(string program, IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true })!;
        var errors = await process.StandardError.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);

        return (process.ExitCode, errors);
    }
}
