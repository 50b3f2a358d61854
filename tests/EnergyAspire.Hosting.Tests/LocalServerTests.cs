using System.Net;
using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using Npgsql;

namespace EnergyAspire.Hosting.Tests;

/// <summary>Servers from this machine's programs, as resources of an application.</summary>
public sealed class LocalServerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_service_owns_its_database_and_can_reach_no_other()
    {
        await using var servers = await LocalServers.StartAsync(postgres: true);
        await servers.HealthyAsync("things");

        await using var database = await servers.DatabaseAsync();
        await using var create = database.CreateCommand("create table things (id int); select current_user || ' ' || current_database() || ' ' || current_setting('server_encoding')");
        Assert.Equal("things_service things_db UTF8", await create.ExecuteScalarAsync(Cancel));

        var other = new NpgsqlConnectionStringBuilder(await servers.AddressAsync("things")) { Database = "postgres", Pooling = false };
        await using var connection = new NpgsqlConnection(other.ConnectionString);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => connection.OpenAsync(Cancel));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    [Fact]
    public async Task Existing_servers_are_used_and_prepared()
    {
        await using var existing = await LocalServers.StartAsync(postgres: true, broker: true);
        await existing.HealthyAsync("things");
        var (postgres, broker) = (await existing.AddressAsync("postgres"), await existing.AddressAsync("messaging"));
        // A server whose own encoding is another, as those are that were set up without a locale.
        await using (var administrator = NpgsqlDataSource.Create($"{postgres};Database=postgres"))
        await using (var command = administrator.CreateCommand("update pg_database set encoding = pg_char_to_encoding('SQL_ASCII') where datname = 'template1'"))
        {
            await command.ExecuteNonQueryAsync(Cancel);
            command.CommandText = "drop database things_db";
            await command.ExecuteNonQueryAsync(Cancel);
        }

        await using var servers = await LocalServers.BeginAsync(
            postgres: true, broker: true, $"--ConnectionStrings:postgres={postgres}", $"--ConnectionStrings:messaging={broker}", "--Parameters:things-password=another");
        await servers.HealthyAsync("things");

        var things = new NpgsqlConnectionStringBuilder(await servers.AddressAsync("things"));
        Assert.Equal((new NpgsqlConnectionStringBuilder(postgres).Port, "another"), (things.Port, things.Password));
        await using var database = await servers.DatabaseAsync();
        await using var who = database.CreateCommand("select current_user || ' ' || current_database() || ' ' || current_setting('server_encoding')");
        Assert.Equal("things_service things_db UTF8", await who.ExecuteScalarAsync(Cancel));
        Assert.Equal(broker, await servers.AddressAsync("messaging"));
        await using var connection = await servers.ConnectAsync();
    }

    [Fact]
    public async Task A_server_that_can_t_be_prepared_after_a_restart_is_told()
    {
        await using var servers = await LocalServers.StartAsync(postgres: true);
        await servers.HealthyAsync("things");
        await using (var administrator = NpgsqlDataSource.Create($"{await servers.AddressAsync("postgres")};Database=postgres"))
        await using (var shut = administrator.CreateCommand("update pg_database set datallowconn = false where datname = 'things_db'"))
            await shut.ExecuteNonQueryAsync(Cancel);

        await servers.CommandAsync("postgres", "restart");

        await servers.SaysAsync("postgres", "'postgres': The server could not be prepared for the services: ");
    }

    [Fact]
    public async Task A_restart_keeps_the_data()
    {
        await using var servers = await LocalServers.StartAsync(postgres: true, broker: true);
        await servers.HealthyAsync("things");
        await using (var database = await servers.DatabaseAsync())
        await using (var create = database.CreateCommand("create table kept (id int); insert into kept values (7)"))
            await create.ExecuteNonQueryAsync(Cancel);
        await using (var connection = await servers.ConnectAsync())
        await using (var channel = await connection.CreateChannelAsync(cancellationToken: Cancel))
            await channel.QueueDeclareAsync("kept", durable: true, exclusive: false, autoDelete: false, cancellationToken: Cancel);

        foreach (var server in new[] { "postgres", "messaging" })
        {
            await servers.CommandAsync(server, "restart");
            await servers.HealthyAsync(server);
        }

        await using (var database = await servers.DatabaseAsync())
        await using (var read = database.CreateCommand("select id from kept"))
            Assert.Equal(7, await read.ExecuteScalarAsync(Cancel));
        await using (var connection = await servers.ConnectAsync())
        await using (var channel = await connection.CreateChannelAsync(cancellationToken: Cancel))
            await channel.QueueDeclarePassiveAsync("kept", Cancel);
    }

    [Fact]
    public async Task A_stop_is_orderly_and_leaves_no_process()
    {
        string folder;
        int postgres;
        int broker;
        await using (var servers = await LocalServers.StartAsync(postgres: true, broker: true))
        {
            folder = await servers.FolderAsync("postgres");
            (postgres, broker) = (LocalServers.ProcessIn(folder), LocalServers.ProcessIn(await servers.FolderAsync("messaging")));
            Assert.All([postgres, broker], process => Assert.NotEqual(0, process));

            await servers.CommandAsync("postgres", "stop");
            await servers.InStateAsync("postgres", change => KnownResourceStates.TerminalStates.Contains(change.Snapshot.State?.Text));
            await servers.SaysAsync("postgres", "database system is shut down");
        }

        await LocalServers.GoneAsync(postgres);
        await LocalServers.GoneAsync(broker);
    }

    [Fact]
    public async Task A_server_that_dies_is_shown_as_ended_and_can_be_started_again()
    {
        await using var servers = await LocalServers.StartAsync(postgres: true);
        var folder = await servers.FolderAsync("postgres");

        await LocalServers.KillAsync(LocalServers.ProcessIn(folder), "KILL");
        var ended = await servers.InStateAsync("postgres", change => KnownResourceStates.TerminalStates.Contains(change.Snapshot.State?.Text));
        Assert.Equal(137, ended.Snapshot.ExitCode);

        await servers.CommandAsync("postgres", "start");
        await servers.HealthyAsync("postgres");
    }

    [Fact]
    public async Task A_port_in_use_is_told_in_one_sentence()
    {
        using var other = new TcpListener(IPAddress.Loopback, 15433);
        other.Start();
        await using var servers = await LocalServers.BeginAsync(postgres: true, broker: false, "--DcpPublisher:RandomizePorts=false");

        await servers.InStateAsync("postgres", change => change.Snapshot.State?.Text == KnownResourceStates.FailedToStart);
        await servers.SaysAsync("postgres", "Port 15433, which 'postgres' needs, is in use.");

        other.Stop();
        await servers.CommandAsync("postgres", "start");
        await servers.HealthyAsync("postgres");
    }

    [Theory]
    [InlineData("postgres", "postgres", "postgresql")]
    [InlineData("messaging", "rabbitmq-server", "rabbitmq-server")]
    [InlineData("cache", "redis-server", "redis-server")]
    public async Task A_missing_program_is_told_with_what_installs_it(string server, string program, string package)
    {
        await using var servers = await LocalServers.BeginAsync(
            postgres: server == "postgres", broker: server == "messaging", cache: server == "cache", $"--ServerPrograms:{server}={Path.GetTempPath()}");

        await servers.InStateAsync(server, change => change.Snapshot.State?.Text == KnownResourceStates.FailedToStart);
        await servers.SaysAsync(
            server,
            $"'{server}' needs the program {program}. Install it (`apt-get install {package}`; ./run.sh does), start a container engine, "
            + $"or name an existing server in ConnectionStrings__{server}.");
    }

    [Fact]
    public async Task Two_applications_run_beside_each_other()
    {
        await using var one = await LocalServers.StartAsync(postgres: true, broker: true);
        await using var two = await LocalServers.StartAsync(postgres: true, broker: true);

        Assert.NotEqual(await one.AddressAsync("things"), await two.AddressAsync("things"));
        Assert.NotEqual(await one.FolderAsync("messaging"), await two.FolderAsync("messaging"));
        await one.HealthyAsync("messaging");
    }
}
