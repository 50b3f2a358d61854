using EnergyAspire.Testing;
using RabbitMQ.Client;

namespace EnergyAspire.Hosting.Tests;

/// <summary>Accounts at the broker, wherever it comes from.</summary>
/// <summary>Tests that change the environment of the whole process. Servers that other tests start meanwhile would inherit it.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class EnvironmentCollection;

[Collection<EnvironmentCollection>]
public sealed class BrokerAccountTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("amqp://admin:p%40ss@broker.example:5673", "amqp://meters:{0}@broker.example:5673/")]
    [InlineData("amqps://admin:secret@broker.example/energy", "amqps://meters:{0}@broker.example/energy")]
    public async Task An_existing_broker_that_has_the_accounts_is_used_by_them(string existing, string expected)
    {
        var builder = ServerApplication.Create($"--ConnectionStrings:messaging={existing}", "--BrokerAccounts=true", "--Parameters:messaging-meters-password=of the meters");
        var broker = builder.AddBroker("messaging");

        var account = await broker.AddAccount("meters").Resource.GetConnectionStringAsync(Cancel);

        Assert.Equal(string.Format(null, expected, "of%20the%20meters"), account);
        Assert.Equal("of the meters", Uri.UnescapeDataString(new Uri(account!).UserInfo.Split(':')[1]));
        Assert.Equal(existing, await broker.Server.Resource.GetConnectionStringAsync(Cancel));
    }

    [Fact]
    public void An_existing_broker_of_which_nothing_is_said_is_used_as_it_is_by_all()
    {
        var builder = ServerApplication.Create("--ConnectionStrings:messaging=amqp://all:secret@broker.example");
        var broker = builder.AddBroker("messaging");

        Assert.Same(broker.Server.Resource, broker.AddAccount("meters").Resource);
        Assert.DoesNotContain(builder.Resources, resource => resource.Name.EndsWith("-password", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_local_broker_has_the_passwords_of_the_parameters_and_nothing_of_another_broker_s_settings()
    {
        // Whoever starts the AppHost may have these for a broker of their own.
        Environment.SetEnvironmentVariable("RABBITMQ_MNESIA_DIR", "/nowhere/mnesia");
        Environment.SetEnvironmentVariable("RABBITMQ_NODE_PORT", "1");
        try
        {
            await using var servers = await LocalServers.StartAsync(broker: true, settings: "--Parameters:messaging-meters-password=only for tests");
            var address = new UriBuilder(await servers.AddressAsync("messaging")) { UserName = "meters", Password = "only%20for%20tests" }.Uri;
            await using (await new ConnectionFactory { Uri = address }.CreateConnectionAsync(Cancel))
            {
            }

            await servers.CommandAsync("messaging", "restart");
            await servers.HealthyAsync("messaging");
            await using (await new ConnectionFactory { Uri = address }.CreateConnectionAsync(Cancel))
            {
            }
        }
        finally
        {
            Environment.SetEnvironmentVariable("RABBITMQ_MNESIA_DIR", null);
            Environment.SetEnvironmentVariable("RABBITMQ_NODE_PORT", null);
        }
    }
}
