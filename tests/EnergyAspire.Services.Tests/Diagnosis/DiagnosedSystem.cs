using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.Doctor;
using EnergyAspire.Gateway;
using EnergyAspire.Identity;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Services.Tests.Restore;
using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.Configuration;
using Npgsql;
using DeviceData = EnergyAspire.Devices.Data.DeviceDbContext;
using MonitoringData = EnergyAspire.Monitoring.Data.MonitoringDbContext;
using UserData = EnergyAspire.Users.Data.UserDbContext;

namespace EnergyAspire.Services.Tests.Diagnosis;

/// <summary>Tests that diagnose the same system.</summary>
[CollectionDefinition]
public sealed class DiagnosedSystemCollection : ICollectionFixture<DiagnosedSystem>;

/// <summary>What the doctor found.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Checks">Result, finding and action of each check, by name.</param>
/// <param name="Output">All that it has written.</param>
public sealed record DoctorFindings(int ExitCode, IReadOnlyDictionary<string, (string Result, string Finding, string? Action)> Checks, string Output);

/// <summary>Services and gateway outside Development on servers of their own, which have the roles and accounts of an installation.</summary>
public sealed class DiagnosedSystem : IAsyncLifetime
{
    /// <summary>Name of the first administrator.</summary>
    public const string Admin = "first-administrator";

    /// <summary>Password of the first administrator.</summary>
    public const string AdminPassword = "a password of the administrator";

    private readonly InProcessServices _services = new();
    private readonly string _webRoot = Directory.CreateTempSubdirectory("doctor-web-").FullName;

    /// <summary>The servers.</summary>
    internal OwnServers Servers { get; private set; } = null!;

    /// <summary>The settings of the installation, as the doctor gets them.</summary>
    public Dictionary<string, string?> Settings { get; } = new(StringComparer.Ordinal);

    public async ValueTask InitializeAsync()
    {
        Servers = await OwnServers.StartAsync(withCache: true);
        await File.WriteAllTextAsync(Path.Combine(_webRoot, "index.html"), "<!doctype html><title>EnergyAspire</title>");
        Settings["ASPNETCORE_ENVIRONMENT"] = "Production";
        Settings[$"ConnectionStrings:{ResourceNames.Postgres}"] = Servers.Postgres;
        foreach (var (name, connection) in Servers.Databases)
            Settings[$"ConnectionStrings:{name}"] = connection;
        Settings[$"ConnectionStrings:{ResourceNames.Messaging}"] = Servers.Broker;
        Settings[$"ConnectionStrings:{ResourceNames.Cache}"] = Servers.Cache;
        Settings["Doctor:BrokerManagement"] = Servers.Management.AbsoluteUri;
        // Nothing listens there, so that the certificate can't be checked.
        Settings["Identity:Issuer"] = $"https://127.0.0.1:{ServiceProcess.FreePort()}";
        Settings["Identity:KeyPassphrase"] = "only for these tests, not a secret";
        Settings["Gateway:TrustedProxies:0"] = "127.0.0.1";

        await StartAsync<UserData>(ResourceNames.Users, ResourceNames.UserDatabase);
        await StartAsync<DeviceData>(ResourceNames.Devices, ResourceNames.DeviceDatabase);
        await StartAsync<MonitoringData>(ResourceNames.Monitoring, ResourceNames.MonitoringDatabase);
        await StartAsync<IdentitySettings>(ResourceNames.Identity, ResourceNames.AuthDatabase);
        await StartAsync<GatewayOptions>(ResourceNames.Gateway, database: null);
        // Replicas, partitions and consumers come a moment after the services are ready.
        await Eventually.GetAsync(() => DiagnoseAsync(), found => found.ExitCode == 0, "nothing fails", TimeSpan.FromMinutes(2));
    }

    /// <summary>Runs the doctor in this process.</summary>
    /// <param name="changes">Settings that differ from the installation's; null removes one.</param>
    public async Task<DoctorFindings> DiagnoseAsync(params (string Key, string? Value)[] changes)
    {
        var settings = new Dictionary<string, string?>(Settings, StringComparer.OrdinalIgnoreCase);
        foreach (var (key, value) in changes)
            settings[key] = value;
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        var code = await DoctorCommand.InvokeAsync(["--json"], new ConfigurationBuilder().AddInMemoryCollection(settings).Build(), output, output);

        return Read(code, output.ToString());
    }

    /// <summary>Runs the program of the doctor with the settings in its environment, as an operator does.</summary>
    /// <returns>Exit code, standard output and standard error.</returns>
    public async Task<(int ExitCode, byte[] Output, string Errors)> RunAsync(IReadOnlyDictionary<string, string?> settings, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Repository.Program("services", "EnergyAspire.Doctor"), .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (key, value) in Settings.Concat(settings))
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;

        using var process = Process.Start(start)!;
        using var output = new MemoryStream();
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardOutput.BaseStream.CopyToAsync(output);
        await process.WaitForExitAsync();

        return (process.ExitCode, output.ToArray(), await errors);
    }

    /// <summary>How many migrations a database has.</summary>
    public static int Migrations<TContext>()
        where TContext : DbContext => typeof(TContext).Assembly.GetTypes().Count(type => type.IsSubclassOf(typeof(Migration)));

    /// <summary>Reads the doctor's JSON.</summary>
    public static DoctorFindings Read(int exitCode, string output)
    {
        JsonElement report;
        try
        {
            report = JsonElement.Parse(output);
        }
        catch (JsonException unreadable)
        {
            throw new InvalidOperationException(output, unreadable);
        }

        return new DoctorFindings(
            exitCode,
            report.GetProperty("checks").EnumerateArray().ToDictionary(
                check => check.GetProperty("name").GetString()!,
                check => (check.GetProperty("result").GetString()!, check.GetProperty("finding").GetString()!, check.GetProperty("action").GetString()),
                StringComparer.Ordinal),
            output);
    }

    /// <summary>Connection string of PostgreSQL's administrator to a service's database.</summary>
    /// <param name="name">Name of the service's connection string.</param>
    public string AdministratorOf(string name) => new NpgsqlConnectionStringBuilder(Servers.Postgres)
    {
        Database = new NpgsqlConnectionStringBuilder(Servers.Databases[name]).Database,
    }.ConnectionString;

    /// <summary>Runs statements as PostgreSQL's administrator in a service's database.</summary>
    public async Task ExecuteAsync(string name, string sql)
    {
        await using var source = NpgsqlDataSource.Create(AdministratorOf(name));
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Sends a request to a service as the first administrator.</summary>
    public async Task<JsonElement> AdminAsync(string service, HttpMethod method, string path, object? body = null)
    {
        using var http = new HttpClient();
        using var signIn = await http.PostAsJsonAsync(
            new Uri($"{AddressOf(ResourceNames.Identity)}api/auth/login"), new { username = Admin, password = AdminPassword });
        signIn.EnsureSuccessStatusCode();
        var token = (await signIn.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("tokens").GetProperty("access").GetString();
        using var request = new HttpRequestMessage(method, new Uri(new Uri(AddressOf(service)), path));
        request.Content = body is null ? null : JsonContent.Create(body);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {answer.StatusCode} {text}");

        return text.Length == 0 ? default : JsonElement.Parse(text);
    }

    /// <summary>Registers a client and returns the account's id.</summary>
    public async Task<Guid> RegisterAsync(object person)
    {
        using var http = new HttpClient();
        using var answer = await http.PostAsJsonAsync(new Uri($"{AddressOf(ResourceNames.Identity)}api/auth/register"), person);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);

        return JsonElement.Parse(text).GetProperty("tokens").GetProperty("user").GetProperty("id").GetGuid();
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        if (Servers is not null)
            await Servers.DisposeAsync();
        Directory.Delete(_webRoot, recursive: true);
    }

    private string AddressOf(string service) => Settings[$"services:{service}:http:0"]!;

    private async Task StartAsync<TService>(string name, string? database)
        where TService : class
    {
        var settings = new Dictionary<string, string?>
        {
            ["Identity:FirstAdmin:Username"] = Admin,
            ["Identity:FirstAdmin:Password"] = AdminPassword,
            [$"ConnectionStrings:{ResourceNames.Cache}"] = Servers.Cache,
            ["webroot"] = _webRoot,
        };
        if (database is not null)
        {
            settings[$"ConnectionStrings:{database}"] = Servers.Databases[database];
            settings[$"ConnectionStrings:{ResourceNames.Messaging}"] = Servers.Accounts[name];
        }

        Settings[$"services:{name}:http:0"] = (await _services.StartAsync<TService>(name, settings, waits: name != ResourceNames.Gateway)).AbsoluteUri;
    }
}
