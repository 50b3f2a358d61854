using System.Text.Json;
using System.Text.RegularExpressions;
using EnergyAspire.Contracts;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;

namespace EnergyAspire.Architecture.Tests;

/// <summary>What <c>broker-definitions.json</c> has in common with <see cref="Topology"/>.</summary>
public sealed class BrokerDefinitionTests
{
    private static readonly string[] Rights = ["configure", "write", "read"];
    private static readonly Regex WholeName = new(@"^\^([a-zA-Z0-9_()|?*+#{}\[\]-]|\\\.)*\$$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking);

    private readonly JsonElement _definitions = JsonDocument.Parse(
        File.ReadAllText(Path.Combine(Repository.Folder, "EnergyAspire.Hosting", "broker-definitions.json"))).RootElement;

    [Fact]
    public void The_exchange_and_the_queues_are_there_before_any_service_and_nothing_else() => Assert.Multiple(
        () => Assert.Equal([$"{Topology.EventExchange} topic"], All("exchanges").Select(exchange => $"{Text(exchange, "name")} {Text(exchange, "type")}")),
        () => Assert.Equal(
            [Topology.ReadingQueue, .. Topology.EventQueues.Select(queue => queue.Name)], All("queues").Select(queue => Text(queue, "name"))),
        () => Assert.Equal(
            [$"{Topology.ReadingQueue} {Topology.MqttReadings}", .. Topology.EventQueues.SelectMany(queue => queue.EventTypes.Select(type => $"{queue.Name} {type}"))],
            All("bindings").Select(binding => $"{Text(binding, "destination")} {Text(binding, "routing_key")}")));

    [Fact]
    public void Each_account_has_rights_that_name_whole_names_and_no_password() => Assert.Multiple(
        () => Assert.Equal(
            [ResourceNames.Identity, ResourceNames.Users, ResourceNames.Devices, ResourceNames.Monitoring, ResourceNames.Simulator, "meters", "declaring-meters", "mqtt-meters"],
            All("users").Select(user => Text(user, "name"))),
        () => Assert.All(All("users"), user => Assert.Equal(("", ""), (Text(user, "password_hash"), Text(user, "tags")))),
        () => Assert.Equal(All("users").Select(user => Text(user, "name")), All("permissions").Select(row => Text(row, "user"))),
        // Who may write to the exchange and isn't told to which routing keys may write to all.
        () => Assert.Equal(
            from row in All("permissions")
            from exchange in new[] { Topology.EventExchange, Topology.MqttExchange }
            where Matches(row, "write", exchange) || Matches(row, "read", exchange)
            select $"{Text(row, "user")} {exchange}",
            All("topic_permissions").Select(row => $"{Text(row, "user")} {Text(row, "exchange")}")),
        () => Assert.All(
            from row in All("permissions").Concat(All("topic_permissions"))
            from right in Rights
            where row.TryGetProperty(right, out _)
            select Text(row, right),
            pattern => Assert.Matches(WholeName, pattern)));

    [Fact]
    public void Each_event_is_sent_by_one_account_and_bound_by_those_who_follow_it()
    {
        foreach (var type in Topology.EventQueues.SelectMany(queue => queue.EventTypes).Concat(Topology.ForOthers).Distinct())
            Assert.Single(All("topic_permissions"), row => Matches(row, "write", type));
        foreach (var (account, queue) in new[]
        {
            (ResourceNames.Users, Topology.UserSync), (ResourceNames.Devices, Topology.DeviceSync), (ResourceNames.Monitoring, Topology.MonitoringSync),
        })
        {
            var own = All("topic_permissions").Single(row => Text(row, "user") == account && Text(row, "exchange") == Topology.EventExchange);
            Assert.All(queue.EventTypes, type => Assert.True(Matches(own, "read", type), $"{account} may bind {type}"));
        }
    }

    private JsonElement.ArrayEnumerator All(string section) => _definitions.GetProperty(section).EnumerateArray();

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static bool Matches(JsonElement row, string right, string name) => Regex.IsMatch(name, Text(row, right), RegexOptions.NonBacktracking);
}
