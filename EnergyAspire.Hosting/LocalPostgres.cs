using System.Security.Cryptography;
using System.Text;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using EnergyAspire.Provisioning;
using Microsoft.Extensions.Logging;

namespace EnergyAspire.Hosting;

/// <summary>PostgreSQL from the programs of this machine.</summary>
/// <remarks>PostgreSQL refuses to run as root, so then it runs as the user that its package creates.</remarks>
internal sealed class LocalPostgresResource(IDistributedApplicationBuilder builder, string name)
    : LocalServerResource(builder, name, stopSignal: "INT", user: Environment.IsPrivilegedProcess ? "postgres" : null)
{
    internal const string Administrator = "postgres";

    private string Data => Path.Combine(WorkingDirectory, "data");

    /// <inheritdoc />
    public override ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create(
        $"Host={PrimaryEndpoint.Property(EndpointProperty.Host)};Port={PrimaryEndpoint.Property(EndpointProperty.Port)};Username={Administrator};Password={Password}");

    private protected override string[] Arguments =>
        ["-D", Data, "-c", "listen_addresses=localhost", "-c", $"port={PrimaryEndpoint.Port}", "-c", "unix_socket_directories="];

    private protected override string FindProgram() => Find("postgres");

    private protected override async Task PrepareAsync(ILogger logger, CancellationToken cancel)
    {
        if (!Directory.Exists(Data))
        {
            ServerLog.CreatingCluster(logger, Data);
            await CreateClusterAsync(cancel);
        }

        var password = (await Password.GetValueAsync(cancel))!;
        var known = Path.Combine(WorkingDirectory, "password.sha256");
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(password)));
        if (!File.Exists(known) || await File.ReadAllTextAsync(known, cancel) != hash)
        {
            ServerLog.SettingPassword(logger);
            await SetPasswordAsync(password, cancel);
            await File.WriteAllTextAsync(known, hash, cancel);
        }
    }

    // Creates the cluster in a temporary folder and renames it when it is complete, so that an interrupted start leaves no incomplete cluster.
    private async Task CreateClusterAsync(CancellationToken cancel)
    {
        foreach (var leftover in Directory.EnumerateDirectories(WorkingDirectory, "new-data*"))
            Directory.Delete(leftover, recursive: true);
        File.Delete(Path.Combine(WorkingDirectory, "password.sha256"));

        var made = Path.Combine(WorkingDirectory, $"new-data-{Guid.NewGuid():N}");
        await LocalPrograms.RunAsync(
            LocalPrograms.As(
                User, Find("initdb"), "-D", made, "-U", Administrator, "--auth-host=scram-sha-256", "--auth-local=reject", "--encoding=UTF8",
                "--locale=C.UTF-8", "--no-instructions"),
            cancel);
        Directory.Move(made, Data);
    }

    // A line runs as one transaction, and the exit code doesn't tell whether it failed. So the output is checked for a row that appears only if the
    // password was set.
    private async Task SetPasswordAsync(string password, CancellationToken cancel)
    {
        var output = await LocalPrograms.RunAsync(
            LocalPrograms.As(User, Find("postgres"), "--single", "-D", Data, "postgres"),
            cancel, $"alter role {Administrator} password '{password.Replace("'", "''", StringComparison.Ordinal)}'; select 'password is set' as done\n");
        if (!output.Contains("\"password is set\"", StringComparison.Ordinal))
            throw new DistributedApplicationException($"The password of the account '{Administrator}' could not be set in {Data}.");
    }

    private protected override Task ConnectAsync(string connectionString, CancellationToken cancel) =>
        ServiceDatabase.ExecuteAsync($"{connectionString};Database=postgres;Timeout=5", "select 1", cancel);

    // Debian installs each version in its own folder outside the PATH; the newest is used.
    private string Find(string program) => Find(
        program, "postgresql",
        Directory.Exists("/usr/lib/postgresql")
            ? Directory.EnumerateDirectories("/usr/lib/postgresql").OrderByDescending(d => d.Length).ThenByDescending(d => d, StringComparer.Ordinal).Select(d => Path.Combine(d, "bin"))
            : []);
}
