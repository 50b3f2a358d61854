using System.Security.Cryptography;
using System.Text;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using EnergyAspire.Provisioning;
using Microsoft.Extensions.Logging;

namespace EnergyAspire.Hosting;

/// <summary>PostgreSQL from the programs of this machine.</summary>
public sealed class LocalPostgresResource(string name, string folder, ParameterResource secret) : LocalServerResource(name, folder, secret, stopSignal: "INT")
{
    internal const string SystemUser = "postgres";
    internal const string Administrator = "postgres";

    private string Data => Path.Combine(WorkingDirectory, "data");

    /// <inheritdoc />
    public override ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create(
        $"Host={PrimaryEndpoint.Property(EndpointProperty.Host)};Port={PrimaryEndpoint.Property(EndpointProperty.Port)};Username={Administrator};Password={Password}");

    private protected override string? User => SystemUser;

    private protected override string[] Arguments =>
        ["-D", Data, "-c", "listen_addresses=localhost", "-c", $"port={PrimaryEndpoint.Port}", "-c", "unix_socket_directories="];

    private protected override string FindProgram() => Find("postgres");

    private protected override async Task PrepareAsync(ILogger logger, CancellationToken cancel)
    {
        var password = (await Password.GetValueAsync(cancel))!;
        var known = Path.Combine(WorkingDirectory, "password.sha256");
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(password)));
        if (!Directory.Exists(Data))
        {
            ServerLog.CreatingCluster(logger, Data);
            await CreateClusterAsync(password, cancel);
        }
        else if (!File.Exists(known) || await File.ReadAllTextAsync(known, cancel) != hash)
        {
            ServerLog.ChangingPassword(logger);
            // A line runs as one transaction, and the exit code doesn't tell whether it failed. So the output is checked for a row that appears
            // only if the password was set.
            var output = await LocalPrograms.RunAsync(
                LocalPrograms.As(SystemUser, Find("postgres"), "--single", "-D", Data, "postgres"),
                cancel, $"alter role postgres password '{password.Replace("'", "''", StringComparison.Ordinal)}'; select 'password is set' as done\n");
            if (!output.Contains("\"password is set\"", StringComparison.Ordinal))
                throw new DistributedApplicationException($"The password of the account 'postgres' could not be changed in {Data}.");
        }

        await File.WriteAllTextAsync(known, hash, cancel);
    }

    // Creates the cluster in a temporary folder and renames it when it is complete, so that an interrupted start leaves no incomplete cluster.
    private async Task CreateClusterAsync(string password, CancellationToken cancel)
    {
        foreach (var leftover in Directory.EnumerateDirectories(WorkingDirectory, "new-data*"))
            Directory.Delete(leftover, recursive: true);

        var (made, file) = (Path.Combine(WorkingDirectory, $"new-data-{Guid.NewGuid():N}"), Path.Combine(WorkingDirectory, "password"));
        try
        {
            await LocalPrograms.RunAsync(["install", "-m", "0600", .. LocalPrograms.OwnedBy(SystemUser), "/dev/stdin", file], cancel, password);
            await LocalPrograms.RunAsync(
                LocalPrograms.As(
                    SystemUser, Find("initdb"), "-D", made, "-U", "postgres", $"--pwfile={file}", "--auth=scram-sha-256", "--encoding=UTF8",
                    "--locale=C.UTF-8", "--no-instructions"),
                cancel);
            Directory.Move(made, Data);
        }
        finally
        {
            File.Delete(file);
        }
    }

    // Debian installs each version in its own folder outside the PATH; the newest is used.
    private string Find(string program) => Find(
        program, "postgresql",
        Directory.Exists("/usr/lib/postgresql")
            ? Directory.EnumerateDirectories("/usr/lib/postgresql").OrderByDescending(d => d.Length).ThenByDescending(d => d, StringComparer.Ordinal).Select(d => Path.Combine(d, "bin"))
            : []);
}

internal static class LocalPostgresExtensions
{
    /// <summary>Adds PostgreSQL from the programs of this machine.</summary>
    public static IResourceBuilder<LocalPostgresResource> AddLocalPostgres(this IDistributedApplicationBuilder builder, string name, int? port)
    {
        var password = ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(builder, $"{name}-password");
        var server = new LocalPostgresResource(name, LocalFolders.For(builder, name, LocalPostgresResource.SystemUser), password);

        builder.Services.AddConnectionCheck($"{name}_check", async cancel => await ServiceDatabase.ExecuteAsync(
            $"{await server.ConnectionStringExpression.GetValueAsync(cancel)};Database=postgres;Timeout=5", "select 1", cancel));

        return LocalServerResource.AddTo(builder, server, ("tcp", port, "tcp"))
            .WithIconName("DatabaseMultiple")
            .WithHealthCheck($"{name}_check");
    }
}
