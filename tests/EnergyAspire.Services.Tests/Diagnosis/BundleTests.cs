using System.IO.Compression;
using System.Text;
using System.Text.Json;
using EnergyAspire.Contracts;
using EnergyAspire.Doctor;
using EnergyAspire.Doctor.Bundle;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.ServiceDefaults;
using Microsoft.Extensions.Configuration;
using Npgsql;
using RabbitMQ.Client;

namespace EnergyAspire.Services.Tests.Diagnosis;

/// <summary>A support bundle of a system that has secrets and personal data everywhere contains none of them.</summary>
[Collection<DiagnosedSystemCollection>]
public sealed class BundleTests(DiagnosedSystem system)
{
    // Each is unique, so that it can't be in the bundle for another reason. The first is only in the servers, the second only in the settings.
    private const string Person = "hildegard";
    private const string Operator = "kunigunde";
    private const string Planted = "Planted";

    private static readonly string[] Files = ["README.txt", "broker.json", "databases.json", "doctor.json", "settings.json", "versions.json"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_bundle_contains_no_secret_and_no_personal_data()
    {
        await PlantAsync();
        var settings = PlantedSettings();
        var folder = Directory.CreateTempSubdirectory("doctor-bundle-");
        try
        {
            var file = Path.Combine(folder.FullName, "bundle.zip");
            var (code, output, errors) = await system.RunAsync(settings, "--bundle", file);
            var report = Encoding.UTF8.GetString(output);

            Assert.True(File.Exists(file), $"{code}: {report}{errors}");
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, new FileInfo(file).UnixFileMode);
            await using var zip = await ZipFile.OpenReadAsync(file, Cancel);
            Assert.Equal(Files, zip.Entries.Select(entry => entry.FullName).Order(StringComparer.Ordinal));
            var texts = new Dictionary<string, string>(StringComparer.Ordinal) { ["report"] = report, ["errors"] = errors };
            foreach (var entry in zip.Entries)
            {
                using var reader = new StreamReader(await entry.OpenAsync(Cancel));
                texts[entry.FullName] = await reader.ReadToEndAsync(Cancel);
            }

            AssertNothingSecret(texts, settings);
            AssertUseful(texts);

            // An existing file is never overwritten.
            var (second, _, refusal) = await system.RunAsync(settings, "--bundle", file);
            Assert.Equal(1, second);
            Assert.Contains("doctor: ", refusal, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
            await RemoveAsync();
        }
    }

    [Fact]
    public async Task A_bundle_goes_to_the_standard_output_and_the_results_to_the_standard_error()
    {
        var (code, output, errors) = await system.RunAsync(new Dictionary<string, string?>(), "--bundle", "-");

        Assert.Equal(0, code);
        Assert.Contains(" failed, ", errors, StringComparison.Ordinal);
        using var zip = new ZipArchive(new MemoryStream(output));
        Assert.Equal(Files, zip.Entries.Select(entry => entry.FullName).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("ConnectionStrings:auth-db", "Server=db.example;Port=6432;User Id=hildegard;PWD=PlantedOne;Database=auth_db",
        "Host=db.example;Port=6432;Database=auth_db;SSL Mode=Prefer")]
    [InlineData("ConnectionStrings:auth-db", "host = db.example ; passWord = 'Planted;Two' ; DB = auth_db",
        "Host=db.example;Port=5432;Database=auth_db;SSL Mode=Prefer")]
    [InlineData("ConnectionStrings:auth-db", "postgres://hildegard:PlantedThree@db.example/auth_db", "(set, not readable)")]
    [InlineData("ConnectionStrings:auth-db", "Host=hildegard:PlantedFour@db.example;Database=auth_db", "(set, not readable)")]
    [InlineData("ConnectionStrings:messaging", "amqps://hildegard:Planted%2FFive@broker.example:5671/energy", "amqps://broker.example:5671/energy")]
    [InlineData("ConnectionStrings:messaging", "amqp://hildegard:12/PlantedSix@broker.example", "(set, not readable)")]
    [InlineData("ConnectionStrings:messaging", "PlantedSeven", "(set, not readable)")]
    [InlineData("ConnectionStrings:cache", "redis.example:6379,user=hildegard,PASSWORD=PlantedEight,ssl=true", "redis.example:6379")]
    [InlineData("ConnectionStrings:cache", "redis://hildegard:PlantedNine@redis.example:6379", "(set, not readable)")]
    [InlineData("Identity:Issuer", "https://hildegard:PlantedTen@energy.example/PlantedTen?token=PlantedTen#PlantedTen", "https://energy.example:443")]
    [InlineData("services:users:http:0", "http://users:8080", "http://users:8080")]
    [InlineData("Identity:KeyPassphrase", "PlantedEleven, a passphrase", "(set, not shown)")]
    [InlineData("Identity:KeyPassphrase", "1234567890123456", "(set, not shown)")]
    [InlineData("Identity:FirstAdmin:Password", "1234567890", "(set, not shown)")]
    [InlineData("ServiceAccount:ClientSecret", "1234567890123456", "(set, not shown)")]
    [InlineData("Identity:FirstAdmin:Username", "hildegard", "(set, not shown)")]
    [InlineData("Ingest:BatchSize", "2000", "2000")]
    [InlineData("Ingest:BatchSize", "PlantedTwelve", "(set, not shown)")]
    [InlineData("Ingest:Retention", "400.00:00:00", "400.00:00:00")]
    [InlineData("Site:TimeZone", "Europe/Berlin", "Europe/Berlin")]
    [InlineData("Doctor:BackupFolder", "/home/hildegard/backups", "(set, not shown)")]
    public void A_value_is_shown_only_if_it_is_known_to_be_harmless(string key, string value, string shown) => Assert.Equal(
        shown, Redaction.Of(new ConfigurationBuilder().AddInMemoryCollection([new(key, value)]).Build()).Shown[key]);

    [Theory]
    [InlineData("SOME_API_KEY", "PlantedThirteen")]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS", "x-api-key=PlantedFourteen")]
    [InlineData("Identity:ServiceSecrets:hildegard", "PlantedFifteen")]
    [InlineData("ConnectionStrings:hildegard", "Password=PlantedSixteen")]
    public void Other_variables_are_only_counted(string key, string value)
    {
        var (shown, others) = Redaction.Of(new ConfigurationBuilder().AddInMemoryCollection([new(key, value)]).Build());

        Assert.Empty(shown);
        Assert.Equal(1, others);
    }

    [Fact]
    public void Secrets_are_removed_from_messages_of_servers_however_they_are_written()
    {
        var scrubber = new Scrubber(new ConfigurationBuilder().AddInMemoryCollection(
        [
            new("ConnectionStrings:auth-db", "Host=db;Username=hildegard;Pwd='Plant+ed \"17\"'"), new("HTTPS_PROXY", "http://proxy:Planted18@proxy.example:3128"),
            new("SOME_API_KEY", "Planted19"), new("HOOK", "https://Planted20@hooks.example"),
        ]).Build());

        Assert.Equal(
            "(removed) and (removed) for user \"(removed)\", (removed), (removed) and (removed)",
            scrubber.Scrub("Plant+ed \"17\" and Plant%2Bed%20%2217%22 for user \"Hildegard\", Planted18, Planted19 and Planted20"));
        Assert.Equal("\"user \\\"(removed)\\\" with (removed)\"", new DoctorJson(scrubber).Write("user \"hildegard\" with Plant+ed \"17\""));
    }

    private void AssertNothingSecret(Dictionary<string, string> texts, IReadOnlyDictionary<string, string?> settings)
    {
        // Passwords of the real servers too.
        var secrets = new[] { settings, system.Settings }
            .SelectMany(own => Credential.AllOf(new ConfigurationBuilder().AddInMemoryCollection(own).Build()))
            .Select(credential => credential.Secret).Append(DiagnosedSystem.AdminPassword).ToList();
        Assert.NotEmpty(secrets);
        foreach (var (name, text) in texts)
        {
            Assert.DoesNotContain(Planted, text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(Person, text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(Operator, text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(DiagnosedSystem.Admin, text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("0.123456", text, StringComparison.Ordinal);
            Assert.DoesNotContain("AQAAAA", text, StringComparison.Ordinal);
            Assert.All(secrets, secret => Assert.False(
                text.Contains(secret, StringComparison.OrdinalIgnoreCase) || text.Contains(Uri.EscapeDataString(secret), StringComparison.OrdinalIgnoreCase)
                    || text.Contains(JsonEncodedText.Encode(secret).ToString(), StringComparison.OrdinalIgnoreCase)
                    || text.Contains(Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)), StringComparison.Ordinal),
                $"{name} contains {secret}"));
        }
    }

    private static void AssertUseful(Dictionary<string, string> texts)
    {
        var settings = JsonElement.Parse(texts["settings.json"]).GetProperty("settings");
        Assert.Equal("(set, not shown)", settings.GetProperty("Identity:KeyPassphrase").GetString());
        Assert.Contains("Database=auth_db", settings.GetProperty("ConnectionStrings:auth-db").GetString(), StringComparison.Ordinal);
        Assert.Equal("2000", settings.GetProperty("Ingest:BatchSize").GetString());

        var databases = JsonElement.Parse(texts["databases.json"]);
        var monitoring = databases.GetProperty("databases").GetProperty("monitoring-db");
        Assert.Contains(
            monitoring.GetProperty("tables").EnumerateArray(),
            table => table.GetProperty("name").GetString() == "readings" && table.GetProperty("parts").GetInt64() >= 4);
        Assert.Equal(DiagnosedSystem.Migrations<MonitoringDbContext>(), monitoring.GetProperty("migrations").GetArrayLength());
        Assert.Contains(
            databases.GetProperty("server").GetProperty("settings").EnumerateArray(),
            setting => setting.GetProperty("name").GetString() == "max_connections");

        var queues = JsonElement.Parse(texts["broker.json"]).GetProperty("queues");
        Assert.Equal("quorum", queues.GetProperty(Topology.ReadingQueue).GetProperty("type").GetString());
        var services = JsonElement.Parse(texts["versions.json"]).GetProperty("services");
        Assert.Equal(ProductVersion.Current, services.GetProperty("identity").GetProperty("version").GetString());
        Assert.NotEqual(0, JsonElement.Parse(texts["doctor.json"]).GetProperty("checks").GetArrayLength());
    }

    /// <summary>Secrets in the environment, of which some replace settings of the system in another spelling.</summary>
    private Dictionary<string, string?> PlantedSettings()
    {
        var auth = new NpgsqlConnectionStringBuilder(system.Servers.Databases[ResourceNames.AuthDatabase]);
        return new Dictionary<string, string?>(system.Settings, StringComparer.Ordinal)
        {
            [$"ConnectionStrings:{ResourceNames.AuthDatabase}"] =
                $"server={auth.Host};port={auth.Port};DB={auth.Database};User Id={auth.Username};pwd='{auth.Password}'",
            // A role that doesn't exist, with a person's name: the server's message repeats it.
            [$"ConnectionStrings:{ResourceNames.UserDatabase}"] =
                $"Host={auth.Host};Port={auth.Port};Database=user_db;Username={Operator};Password={Planted}-database",
            ["ConnectionStrings:messaging-other"] = $"amqp://{Operator}:{Planted}-broker@broker.example",
            ["ConnectionStrings__somebody"] = $"Host=db.example;Username={Operator};Password={Planted}-other",
            ["Identity:KeyPassphrase"] = $"{Planted} passphrase with \"quotes\" + signs",
            ["Identity:FirstAdmin:Username"] = Operator,
            ["Identity:FirstAdmin:Password"] = $"{Planted}-first-admin",
            ["Identity:ServiceSecrets:devices"] = $"{Planted}-service-secret",
            ["ServiceAccount:ClientSecret"] = $"{Planted}-client-secret",
            ["Provisioning:Databases:auth_db:Password"] = $"{Planted}-provisioning",
            ["Gateway:Dashboard"] = $"https://{Operator}:{Planted}-dashboard@dashboard.example/{Planted}?token={Planted}",
            ["Gateway:AllowedOrigins:0"] = $"https://{Operator}.example/?key={Planted}",
            ["Ingest:BatchSize"] = "2000",
            ["Ingest:Consumers"] = $"{Planted}-in-the-wrong-place",
            ["HTTPS_PROXY"] = $"http://{Operator}:{Planted}-proxy@127.0.0.1:9",
            ["OTEL_EXPORTER_OTLP_HEADERS"] = $"x-api-key={Planted}-header",
            ["SOME_API_KEY"] = $"{Planted}-api-key",
            ["AWS_SECRET_ACCESS_KEY"] = $"{Planted}-cloud-key",
            ["Doctor:BackupFolder"] = $"/nowhere/{Operator}/{Planted}",
        };
    }

    /// <summary>Puts secrets and personal data wherever the servers can hold them.</summary>
    private async Task PlantAsync()
    {
        var person = await system.RegisterAsync(new
        {
            username = Person,
            password = $"{Planted} password of a person",
            fname = Person,
            lname = Planted,
            email = $"{Person}@{Planted}.example",
        });
        var created = await system.AdminAsync(
            ResourceNames.Devices, HttpMethod.Post, "/api/devices", new { name = $"Heat pump of {Person}", description = Planted, max_consumption = 1 });
        var device = created.GetProperty("device").GetProperty("id").GetGuid();
        await system.AdminAsync(ResourceNames.Devices, HttpMethod.Post, "/api/mappings/assign", new { user_id = person, device_id = device });

        await using var broker = await new ConnectionFactory { Uri = new Uri(system.Servers.Broker) }.CreateConnectionAsync(Cancel);
        await using var channel = await broker.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), Cancel);
        await channel.QueueDeclareAsync($"{Person}.{Planted}", durable: true, exclusive: false, autoDelete: false, cancellationToken: Cancel);
        await PublishAsync(
            Topology.ReadingQueue,
            $$"""{"timestamp": "{{DateTime.UtcNow.AddMinutes(-5):yyyy-MM-ddTHH:mm:ssZ}}", "device_id": "{{device}}", "measurement_value": 0.123456}""");
        await PublishAsync(Topology.ReadingQueue, $"{Planted} is no reading of {Person}");
        await PublishAsync(Topology.UserSync.DeadLetterQueue, $$"""{"username": "{{Person}}", "token": "{{Planted}}"}""");

        await system.ExecuteAsync(ResourceNames.AuthDatabase, $"""
            create role {Person} login password '{Planted}';
            grant connect on database auth_db to {Person};
            create table {Person}_{Planted} (id int);
            alter role auth_service set application_name = '{Person} {Planted}';
            alter database auth_db set my.secret = '{Planted}';
            """);
        await ConfigureAsync($"alter system set primary_conninfo = 'host=db.example user={Person} password={Planted}'");
        await ConfigureAsync($"alter system set archive_command = 'upload --user {Person} --token {Planted}'");
        await ConfigureAsync("select pg_reload_conf()");

        async Task PublishAsync(string queue, string body)
        {
            var headers = new Dictionary<string, object?> { ["x-dead-reason"] = $"{Person} {Planted}" };
            await channel.BasicPublishAsync(
                "", queue, mandatory: true, new BasicProperties { Persistent = true, Headers = headers }, Encoding.UTF8.GetBytes(body), Cancel);
        }
    }

    private async Task RemoveAsync()
    {
        await using var broker = await new ConnectionFactory { Uri = new Uri(system.Servers.Broker) }.CreateConnectionAsync(Cancel);
        await using var channel = await broker.CreateChannelAsync(cancellationToken: Cancel);
        await channel.QueueDeleteAsync($"{Person}.{Planted}", cancellationToken: Cancel);
        await channel.QueuePurgeAsync(Topology.UserSync.DeadLetterQueue, Cancel);
        await ConfigureAsync("alter system reset primary_conninfo");
        await ConfigureAsync("alter system reset archive_command");
        await ConfigureAsync("select pg_reload_conf()");
        await system.ExecuteAsync(ResourceNames.AuthDatabase, $"""
            alter database auth_db reset my.secret;
            alter role auth_service reset application_name;
            drop table if exists {Person}_{Planted};
            revoke connect on database auth_db from {Person};
            drop role {Person};
            """);
    }

    // These statements can't be a part of several.
    private Task ConfigureAsync(string sql) => system.ExecuteAsync(ResourceNames.AuthDatabase, sql);
}
