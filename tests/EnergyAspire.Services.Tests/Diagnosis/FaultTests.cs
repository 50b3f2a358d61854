using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using EnergyAspire.Contracts;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Npgsql;
using RabbitMQ.Client;

namespace EnergyAspire.Services.Tests.Diagnosis;

/// <summary>Each kind of fault is named, with what to do.</summary>
[Collection<DiagnosedSystemCollection>]
public sealed class FaultTests(DiagnosedSystem system)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_missing_partition()
    {
        var day = DateTime.UtcNow.Date.AddDays(1);
        var partition = string.Create(CultureInfo.InvariantCulture, $"readings_{day:yyyyMMdd}");
        await system.ExecuteAsync(ResourceNames.MonitoringDatabase, $"alter table readings detach partition {partition}");
        try
        {
            AssertFailed(await system.DiagnoseAsync(), "partitions", partition, "Restart Monitoring");
        }
        finally
        {
            await system.ExecuteAsync(ResourceNames.MonitoringDatabase, string.Create(CultureInfo.InvariantCulture, $"""
                alter table readings attach partition {partition}
                for values from ('{day:yyyy-MM-dd} 00:00:00+00') to ('{day.AddDays(1):yyyy-MM-dd} 00:00:00+00')
                """));
        }
    }

    [Fact]
    public async Task A_classic_queue()
    {
        var queue = Topology.DeviceSync.DeadLetterQueue;
        await DeclareAsync(queue, "classic");
        try
        {
            var (result, finding, action) = (await system.DiagnoseAsync()).Checks[$"queue: {queue}"];

            Assert.Equal("warning", result);
            Assert.Contains("classic queue", finding, StringComparison.Ordinal);
            Assert.Contains("docs/operations.md#types-of-queues", action, StringComparison.Ordinal);
        }
        finally
        {
            await DeclareAsync(queue, "quorum");
        }
    }

    [Fact]
    public async Task A_dead_letter()
    {
        var queue = Topology.UserSync.DeadLetterQueue;
        await using var broker = await new ConnectionFactory { Uri = new Uri(system.Servers.Broker) }.CreateConnectionAsync(Cancel);
        await using var channel = await broker.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), Cancel);
        await channel.BasicPublishAsync("", queue, mandatory: true, new BasicProperties { Persistent = true }, "{}"u8.ToArray(), Cancel);
        try
        {
            AssertFailed(await system.DiagnoseAsync(), $"queue: {queue}", "Events that users could not handle: 1.", "docs/operations.md#dead-letters");
        }
        finally
        {
            await channel.QueuePurgeAsync(queue, Cancel);
        }
    }

    [Fact]
    public async Task A_migration_that_isn_t_applied_and_one_that_is_unknown()
    {
        const string Last = "20261128235500_NormalizedDeviceTexts";
        const string Restore = $"""
            delete from "__EFMigrationsHistory" where migration_id in ('{Last}', '99990101000000_FromTheFuture');
            insert into "__EFMigrationsHistory" values ('{Last}', '10')
            """;
        await system.ExecuteAsync(ResourceNames.DeviceDatabase, $"""delete from "__EFMigrationsHistory" where migration_id = '{Last}'""");
        try
        {
            AssertFailed(await system.DiagnoseAsync(), "device-db: migrations", Last, "Start devices");

            await system.ExecuteAsync(ResourceNames.DeviceDatabase, """insert into "__EFMigrationsHistory" values ('99990101000000_FromTheFuture', '11')""");
            AssertFailed(await system.DiagnoseAsync(), "device-db: migrations", "99990101000000_FromTheFuture", "docs/operations.md#restore");
        }
        finally
        {
            await system.ExecuteAsync(ResourceNames.DeviceDatabase, Restore);
        }
    }

    [Fact]
    public async Task Servers_and_services_that_don_t_answer()
    {
        var closed = ServiceProcess.FreePort();
        var database = new NpgsqlConnectionStringBuilder(system.Servers.Databases[ResourceNames.UserDatabase]) { Host = "127.0.0.1", Port = closed };

        var found = await system.DiagnoseAsync(
            ($"ConnectionStrings:{ResourceNames.UserDatabase}", database.ConnectionString),
            ($"ConnectionStrings:{ResourceNames.Messaging}", $"amqp://127.0.0.1:{closed}"),
            ($"ConnectionStrings:{ResourceNames.Cache}", $"127.0.0.1:{closed}"), ($"services:{ResourceNames.Users}:http:0", $"http://127.0.0.1:{closed}"));

        AssertFailed(found, ResourceNames.UserDatabase, "", "docs/operations.md#when-a-server-is-unavailable");
        AssertFailed(found, "RabbitMQ", "", "Start RabbitMQ");
        AssertFailed(found, "Redis", "", "Start Redis");
        AssertFailed(found, ResourceNames.Users, "", "docs/operations.md#servicenotscraped");
        // What depends on them isn't made; everything else is.
        Assert.Equal("not_checked", found.Checks["user-db: migrations"].Result);
        Assert.Equal("not_checked", found.Checks["queue: sync_queue"].Result);
        Assert.Equal("ok", found.Checks["device-db: migrations"].Result);
        Assert.Equal("ok", found.Checks[ResourceNames.Monitoring].Result);
    }

    [Fact]
    public async Task A_check_that_takes_too_long_ends_and_doesn_t_stop_the_others()
    {
        // It accepts connections and never answers.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var port = ((IPEndPoint)silent.LocalEndpoint).Port;

        var found = await system.DiagnoseAsync(
            ("Doctor:Timeout", "00:00:03"), ($"services:{ResourceNames.Users}:http:0", $"http://127.0.0.1:{port}"),
            ($"ConnectionStrings:{ResourceNames.UserDatabase}", $"Host=127.0.0.1;Port={port};Username=nobody;Password=only-for-this-test;Database=nothing"));

        AssertFailed(found, ResourceNames.Users, "within 3 seconds", "Look whether users runs");
        AssertFailed(found, ResourceNames.UserDatabase, "within 3 seconds", "Start PostgreSQL");
        Assert.Equal("ok", found.Checks[ResourceNames.Devices].Result);
    }

    [Fact]
    public async Task Without_the_management_API_the_rest_of_a_queue_is_told()
    {
        var found = await system.DiagnoseAsync(("Doctor:BrokerManagement", $"http://127.0.0.1:{ServiceProcess.FreePort()}"));

        Assert.Equal(0, found.ExitCode);
        Assert.Equal("ok", found.Checks["RabbitMQ"].Result);
        Assert.Equal("not_checked", found.Checks["RabbitMQ: rights"].Result);
        var (result, finding, action) = found.Checks[$"queue: {Topology.ReadingQueue}"];
        Assert.Equal("not_checked", result);
        Assert.StartsWith("Waiting messages: 0, consumers: 2; the type of the queue isn't known", finding, StringComparison.Ordinal);
        Assert.Contains("rabbitmq_management", action, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_clock_that_is_wrong()
    {
        await using var late = await PretendedService.StartAsync($"Healthy, version {ProductVersion.Current}", TimeSpan.FromMinutes(-2));
        await using var early = await PretendedService.StartAsync($"Healthy, version {ProductVersion.Current}", TimeSpan.FromSeconds(7));

        var found = await system.DiagnoseAsync(
            ($"services:{ResourceNames.Users}:http:0", late.Address), ($"services:{ResourceNames.Devices}:http:0", early.Address));

        AssertFailed(found, "clock: users", "behind", "NTP");
        Assert.Equal("warning", found.Checks["clock: devices"].Result);
        Assert.Contains("ahead of", found.Checks["clock: devices"].Finding, StringComparison.Ordinal);
        Assert.Equal("ok", found.Checks["clock: PostgreSQL"].Result);
    }

    [Fact]
    public async Task Another_version_and_a_service_that_isn_t_ready()
    {
        await using var older = await PretendedService.StartAsync("Healthy, version 0.0.9");
        await using var waiting = await PretendedService.StartAsync(
            $"Unhealthy, version {ProductVersion.Current}\nWaiting for the broker.", status: StatusCodes.Status503ServiceUnavailable);

        var found = await system.DiagnoseAsync(
            ($"services:{ResourceNames.Users}:http:0", older.Address), ($"services:{ResourceNames.Devices}:http:0", waiting.Address));

        Assert.Equal("warning", found.Checks["versions"].Result);
        Assert.Contains("0.0.9: users", found.Checks["versions"].Finding, StringComparison.Ordinal);
        AssertFailed(found, ResourceNames.Devices, "devices is unhealthy: Waiting for the broker.", "docs/operations.md#when-a-server-is-unavailable");
    }

    [Fact]
    public async Task Rights_that_are_not_intended_in_a_database()
    {
        await system.ExecuteAsync(ResourceNames.AuthDatabase, "grant connect on database auth_db to device_service");
        try
        {
            var found = await system.DiagnoseAsync();

            AssertFailed(found, "device-db: rights", "the role can connect to auth_db", "docs/rights.md");
            Assert.Equal("warning", found.Checks["auth-db: rights"].Result);
        }
        finally
        {
            await system.ExecuteAsync(ResourceNames.AuthDatabase, "revoke connect on database auth_db from device_service");
        }
    }

    [Fact]
    public async Task An_administrator_as_a_service_s_role() =>
        AssertFailed(
            await system.DiagnoseAsync(($"ConnectionStrings:{ResourceNames.UserDatabase}", system.AdministratorOf(ResourceNames.UserDatabase))),
            "user-db: rights", "superuser", "docs/rights.md");

    [Fact]
    public async Task Rights_that_are_not_intended_at_the_broker()
    {
        await SetRightsAsync("""{"configure": "^$", "write": "^amq\\.default$", "read": ".*"}""");
        try
        {
            AssertFailed(await system.DiagnoseAsync(), "RabbitMQ: rights", "meters has other rights", "docs/operations.md#accounts-at-the-broker");
        }
        finally
        {
            await SetRightsAsync("""{"configure": "^$", "write": "^amq\\.default$", "read": "^$"}""");
        }
    }

    [Fact]
    public async Task A_binding_that_is_gone()
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(system.Servers.Broker) }.CreateConnectionAsync(Cancel);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancel);
        await channel.QueueUnbindAsync(Topology.ReadingQueue, Topology.MqttExchange, Topology.MqttReadings, cancellationToken: Cancel);
        try
        {
            AssertFailed(
                await system.DiagnoseAsync(), "RabbitMQ: bindings", "amq.topic to device_data_queue with energy.readings.#", "docs/operations.md#accounts-at-the-broker");
        }
        finally
        {
            await channel.QueueBindAsync(Topology.ReadingQueue, Topology.MqttExchange, Topology.MqttReadings, cancellationToken: Cancel);
        }
    }

    [Fact]
    public async Task An_old_event_in_an_outbox() => await WithTablesAsync(
        ResourceNames.DeviceDatabase,
        """
        create table faulty.outbox_messages (like public.outbox_messages);
        insert into faulty.outbox_messages (id, aggregate, version, event_type, occurred_at, body)
        values (gen_random_uuid(), 'device/1', 1, 'device_created', now() - interval '3 days', '{}')
        """,
        found => AssertFailed(
            found, "device-db: outbox", "Events of devices that are not published: 1; the oldest has waited for 3 days", "docs/operations.md#outboxnotemptied"));

    [Fact]
    public async Task Sagas_that_don_t_end() => await WithTablesAsync(
        ResourceNames.AuthDatabase,
        """
        create table faulty.sagas (state text, started_at timestamptz, finished_at timestamptz);
        insert into faulty.sagas values ('Running', now() - interval '1 hour', null), ('Compensating', now() - interval '1 day', null), ('Running', now(), null)
        """,
        found => AssertFailed(
            found, "sagas", "Sagas that have not ended after 10 minutes: 2; of these can't undo their steps: 1.", "docs/operations.md#sagascompensating"));

    [Fact]
    public async Task A_ledger_that_differs() => await WithTablesAsync(
        ResourceNames.MonitoringDatabase,
        """
        create table faulty.ledger (hour timestamptz, received bigint, stored bigint, duplicates bigint, quarantined bigint);
        insert into faulty.ledger values (date_trunc('hour', now()), 3, 2, 0, 0)
        """,
        found => AssertFailed(found, "ledger", "hours of arrival that don't add up: 1,", "docs/operations.md#quarantine-and-the-ledger"));

    [Fact]
    public async Task A_replica_that_lacks_rows() => await WithTablesAsync(
        ResourceNames.MonitoringDatabase,
        "create table faulty.user_replicas (version bigint, is_deleted boolean)",
        found =>
        {
            var (result, finding, action) = found.Checks["replicas: accounts in monitoring-db"];
            Assert.Equal("warning", result);
            Assert.StartsWith("monitoring-db has 0 accounts, auth-db has", finding, StringComparison.Ordinal);
            Assert.Contains("docs/operations.md#replicas", action, StringComparison.Ordinal);
        });

    [Fact]
    public async Task A_server_that_doesn_t_write_durably() => AssertFailed(
        await system.DiagnoseAsync(($"ConnectionStrings:{ResourceNames.Postgres}", $"{system.Servers.Postgres};Options=-c synchronous_commit=off")),
        "PostgreSQL: durability", "synchronous_commit is off", "postgresql.conf");

    [Fact]
    public async Task Default_passwords_in_the_settings_are_named_and_not_shown()
    {
        var found = await system.DiagnoseAsync(("Identity:FirstAdmin:Password", "admin123"), ("Provisioning:Databases:auth_db:Password", "changeme"));

        AssertFailed(found, "settings: secrets", "Identity:FirstAdmin:Password, Provisioning:Databases:auth_db:Password", "Change them");
        Assert.DoesNotContain("admin123", found.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("changeme", found.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_default_password_of_an_account()
    {
        var person = await system.RegisterAsync(new { username = "of-development", password = "correct horse battery" });
        var hash = new PasswordHasher<object>().HashPassword(new object(), "alice123");
        await system.ExecuteAsync(
            ResourceNames.AuthDatabase, $"update accounts set id = '{DevelopmentData.Alice}', password_hash = '{hash}' where id = '{person}'");
        try
        {
            AssertFailed(await system.DiagnoseAsync(), "accounts: development passwords", "publicly known passwords: 1.", "docs/operations.md#settings");
            Assert.Equal("ok", (await system.DiagnoseAsync(("ASPNETCORE_ENVIRONMENT", "Development"))).Checks["accounts: development passwords"].Result);
        }
        finally
        {
            await system.ExecuteAsync(ResourceNames.AuthDatabase, $"update accounts set id = '{person}' where id = '{DevelopmentData.Alice}'");
        }
    }

    [Fact]
    public async Task Settings_that_are_missing_or_open()
    {
        var found = await system.DiagnoseAsync(
            ($"ConnectionStrings:{ResourceNames.DeviceDatabase}", null), ("Identity:Issuer", "http://energy.example"), ("AllowedHosts", "*"));

        AssertFailed(found, "settings: connection strings", "device-db", "ConnectionStrings__device-db");
        AssertFailed(found, "settings: issuer", "isn't an https address", "docs/operations.md#behind-tls");
        Assert.Equal("warning", found.Checks["settings: allowed hosts"].Result);
        Assert.Equal("not_checked", found.Checks[ResourceNames.DeviceDatabase].Result);
        Assert.Equal("warning", (await system.DiagnoseAsync(("Gateway:TrustedProxies:0", null))).Checks["settings: trusted proxies"].Result);
    }

    [Fact]
    public async Task Without_any_setting_it_says_what_is_missing()
    {
        var found = await system.DiagnoseAsync([.. system.Settings.Keys.Select(key => (key, (string?)null))]);

        Assert.Equal(1, found.ExitCode);
        Assert.All(found.Checks.Values, check => Assert.Equal(check.Result == "ok", check.Action is null));
        AssertFailed(found, "settings: connection strings", "auth-db, user-db, device-db, monitoring-db, messaging", "docs/operations.md#doctor");
    }

    [Fact]
    public async Task A_certificate_that_clients_don_t_trust()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=energy.example", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var handshake = AnswerAsync();

        AssertFailed(
            await system.DiagnoseAsync(("Identity:Issuer", $"https://localhost:{((IPEndPoint)listener.LocalEndpoint).Port}")),
            "certificate", "Clients don't trust localhost", "docs/operations.md#behind-tls");
        await handshake;

        async Task AnswerAsync()
        {
            using var connection = await listener.AcceptTcpClientAsync(Cancel);
            await using var tls = new SslStream(connection.GetStream());
            try
            {
                await tls.AuthenticateAsServerAsync(certificate);
            }
            catch (Exception refused) when (refused is AuthenticationException or IOException)
            {
                // The client doesn't trust it.
            }
        }
    }

    [Fact]
    public async Task The_age_of_the_newest_backup()
    {
        var folder = Directory.CreateTempSubdirectory("doctor-backups-");
        try
        {
            AssertFailed(await system.DiagnoseAsync(("Doctor:BackupFolder", folder.FullName)), "backup", "no backup", "docs/operations.md#back-up");

            folder.CreateSubdirectory(DateTime.UtcNow.AddDays(-3).ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture));
            AssertFailed(await system.DiagnoseAsync(("Doctor:BackupFolder", folder.FullName)), "backup", "72 hours old", "docs/operations.md#back-up");

            folder.CreateSubdirectory(DateTime.UtcNow.AddHours(-2).ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture));
            Assert.Equal("ok", (await system.DiagnoseAsync(("Doctor:BackupFolder", folder.FullName))).Checks["backup"].Result);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void AssertFailed(DoctorFindings found, string check, string finding, string action)
    {
        var (result, text, advice) = found.Checks[check];
        Assert.Equal(("failed", 1), (result, found.ExitCode));
        Assert.Contains(finding, text, StringComparison.Ordinal);
        Assert.Contains(action, advice, StringComparison.Ordinal);
    }

    /// <summary>Diagnoses with tables of a test in place of those that the services use.</summary>
    private async Task WithTablesAsync(string database, string sql, Action<DoctorFindings> assert)
    {
        await system.ExecuteAsync(
            database, $"create schema faulty; {sql}; grant usage on schema faulty to public; grant select on all tables in schema faulty to public");
        try
        {
            assert(await system.DiagnoseAsync(($"ConnectionStrings:{database}", $"{system.Servers.Databases[database]};Search Path=faulty,public")));
        }
        finally
        {
            await system.ExecuteAsync(database, "drop schema faulty cascade");
        }
    }

    private async Task DeclareAsync(string queue, string type)
    {
        await using var broker = await new ConnectionFactory { Uri = new Uri(system.Servers.Broker) }.CreateConnectionAsync(Cancel);
        await using var channel = await broker.CreateChannelAsync(cancellationToken: Cancel);
        await channel.QueueDeleteAsync(queue, cancellationToken: Cancel);
        await channel.QueueDeclareAsync(
            queue, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = type }, cancellationToken: Cancel);
        // The exchange has the same name.
        await channel.QueueBindAsync(queue, queue, routingKey: "", cancellationToken: Cancel);
    }

    private async Task SetRightsAsync(string rights)
    {
        using var http = new HttpClient { BaseAddress = system.Servers.Management };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(new Uri(system.Servers.Broker).UserInfo))));
        using var answer = await http.PutAsync(
            new Uri("/api/permissions/%2f/meters", UriKind.Relative), new StringContent(rights, Encoding.UTF8, "application/json"), Cancel);
        answer.EnsureSuccessStatusCode();
    }
}
