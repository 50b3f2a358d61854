using System.Diagnostics;
using Aspire.Hosting;
using Aspire.Hosting.Testing;
using Npgsql;
using RabbitMQ.Client;

namespace EnergyAspire.StandIns.Tests;

public sealed class ServersTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Servers_of_their_own_are_there_for_a_test_and_gone_after_it()
    {
        var cancel = TestContext.Current.CancellationToken;
        var clock = Stopwatch.StartNew();
        await using var builder = DistributedApplicationTestingBuilder.Create();
        var postgres = builder.AddPostgres("postgres");
        postgres.AddDatabase("device-db", "device_db");
        builder.AddRabbitMQ("messaging");
        string servers;
        string broker;
        await using (var app = await builder.BuildAsync(cancel))
        {
            await app.StartAsync(cancel).WaitAsync(Patience, cancel);
            TestContext.Current.SendDiagnosticMessage($"started {clock.Elapsed}");
            await app.ResourceNotifications.WaitForResourceHealthyAsync("device-db", cancel).WaitAsync(Patience, cancel);
            TestContext.Current.SendDiagnosticMessage($"db {clock.Elapsed}");
            await app.ResourceNotifications.WaitForResourceHealthyAsync("messaging", cancel).WaitAsync(Patience, cancel);
            TestContext.Current.SendDiagnosticMessage($"broker {clock.Elapsed}");

            servers = (await app.GetConnectionStringAsync("device-db", cancel))!;
            broker = (await app.GetConnectionStringAsync("messaging", cancel))!;
            await using var database = new NpgsqlConnection(servers);
            await database.OpenAsync(cancel);
            Assert.Equal("device_db", database.Database);
            await using var connection = await new ConnectionFactory { Uri = new Uri(broker) }.CreateConnectionAsync(cancel);
            Assert.True(connection.IsOpen);
        }

        TestContext.Current.SendDiagnosticMessage($"stopped {clock.Elapsed}");
        var port = new Uri(broker).Port;
        Assert.DoesNotContain(CommandLines(), line => line.Contains($"{port}", StringComparison.Ordinal));
        Assert.DoesNotContain(CommandLines(), line => line.Contains($"port={new NpgsqlConnectionStringBuilder(servers).Port}", StringComparison.Ordinal));
    }

    private static IEnumerable<string> CommandLines() => Process.GetProcesses().Select(p =>
    {
        try
        {
            return File.ReadAllText($"/proc/{p.Id}/cmdline");
        }
        catch (IOException)
        {
            return "";
        }
    });
}
