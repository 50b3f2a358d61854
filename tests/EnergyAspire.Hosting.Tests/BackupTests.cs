using EnergyAspire.Testing;
using Npgsql;

namespace EnergyAspire.Hosting.Tests;

/// <summary>The scripts that back up and restore PostgreSQL, and the dashboard's command.</summary>
public sealed class BackupTests : IDisposable
{
    private const UnixFileMode PrivateFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode PrivateFolder = PrivateFile | UnixFileMode.UserExecute;
    private const string Secret = "quiet-passphrase";

    // Open to PostgreSQL's user, which the home folder of the test's user may not be.
    private readonly string _folder = Directory.CreateDirectory(Path.Combine("/var/tmp", $"energyaspire-backup-{Guid.NewGuid():N}")).FullName;

    private string Backups => Path.Combine(_folder, "backups");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_dashboards_command_makes_a_verified_backup_of_both_servers()
    {
        await using var servers = await LocalServers.StartAsync(postgres: true, broker: true, $"--BackupFolder={Backups}");
        await servers.HealthyAsync("things");

        await servers.CommandAsync("postgres", BackupCommand.Name);

        var backup = Assert.Single(Directory.EnumerateDirectories(Backups));
        Assert.Equal(["SHA256SUMS", "backup.txt", "broker-definitions.json", "postgres.tar.gz"], Directory.EnumerateFiles(backup).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.All(Directory.EnumerateFiles(backup), file => Assert.Equal(PrivateFile, new FileInfo(file).UnixFileMode));
        Assert.All([Backups, backup], folder => Assert.Equal(PrivateFolder, new DirectoryInfo(folder).UnixFileMode));
        var restored = await RestoreAsync(backup, Path.Combine(_folder, "restored"));
        Assert.True(restored.ExitCode == 0, restored.Errors);
    }

    [Fact]
    public async Task A_failed_command_says_why()
    {
        await using var servers = await LocalServers.StartAsync(postgres: true, broker: true, $"--BackupFolder={Path.Combine("/proc", "backups")}");

        var (success, message) = await servers.TryCommandAsync("postgres", BackupCommand.Name);

        Assert.False(success);
        Assert.Contains("the folder /proc/backups can't be created", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_encrypted_backup_takes_its_passphrase_and_shows_no_secrets()
    {
        await using var servers = await LocalServers.StartAsync(postgres: true, broker: true);
        var passphrase = await FileAsync("passphrase", Secret);
        var variables = DeployScript.VariablesOf(await servers.AddressAsync("postgres"))
            .Concat(DeployScript.VariablesOf(await servers.AddressAsync("messaging"), servers.Management)).ToDictionary();

        var made = await DeployScript.RunAsync("backup.sh", variables, "--to", Backups, "--passphrase-file", passphrase);
        Assert.True(made.ExitCode == 0, made.Errors);
        var backup = Assert.Single(Directory.EnumerateDirectories(Backups));
        var target = Path.Combine(_folder, "restored");
        var without = await RestoreAsync(backup, target);
        var wrong = await RestoreAsync(backup, target, "--passphrase-file", await FileAsync("wrong", "another one"));
        Assert.False(Directory.Exists(target));
        var right = await RestoreAsync(backup, target, "--passphrase-file", passphrase, "--definitions", Path.Combine(_folder, "definitions.json"));

        Assert.Equal((2, 1, 0), (without.ExitCode, wrong.ExitCode, right.ExitCode));
        Assert.Contains("\"queues\"", await File.ReadAllTextAsync(Path.Combine(_folder, "definitions.json"), Cancel), StringComparison.Ordinal);
        Assert.Equal(PrivateFolder, new DirectoryInfo(target).UnixFileMode);
        foreach (var secret in new[] { Secret, variables["PGPASSWORD"], variables["BROKER_PASSWORD"] })
            Assert.DoesNotContain(secret, string.Concat(made, without, wrong, right), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_backup_is_refused_and_a_folder_with_files_is_left_alone()
    {
        await using var servers = await LocalServers.StartAsync(postgres: true);
        var variables = DeployScript.VariablesOf(await servers.AddressAsync("postgres"));
        Assert.Equal(0, (await DeployScript.RunAsync("backup.sh", variables, "--to", Backups)).ExitCode);
        var backup = Assert.Single(Directory.EnumerateDirectories(Backups));
        var used = Directory.CreateDirectory(Path.Combine(_folder, "used")).FullName;
        await File.WriteAllTextAsync(Path.Combine(used, "important"), "data", Cancel);

        var refused = await RestoreAsync(backup, used);
        await using (var archive = new FileStream(Path.Combine(backup, "postgres.tar.gz"), FileMode.Open))
        {
            archive.Position = archive.Length / 2;
            archive.Write("damage"u8);
        }

        var empty = Directory.CreateDirectory(Path.Combine(_folder, "empty")).FullName;
        var damaged = await RestoreAsync(backup, empty);

        Assert.Equal((2, 1), (refused.ExitCode, damaged.ExitCode));
        Assert.Equal("data", await File.ReadAllTextAsync(Path.Combine(used, "important"), Cancel));
        Assert.Empty(Directory.EnumerateFileSystemEntries(empty));
        Assert.Contains("the backup is damaged", damaged.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Retention_deletes_the_oldest_backups_and_a_failure_deletes_and_leaves_nothing()
    {
        await using var servers = await LocalServers.StartAsync(postgres: true);
        var address = new NpgsqlConnectionStringBuilder(await servers.AddressAsync("postgres"));
        // Old ones by their names, what a killed backup left, and something else.
        var machine = (await File.ReadAllTextAsync("/proc/sys/kernel/hostname", Cancel)).Trim();
        foreach (var name in new[] { "20200101T000000Z", "20200102T000000Z", "notes", $".incomplete-{machine}-999999999-20200103T000000Z" })
        {
            Directory.CreateDirectory(Path.Combine(Backups, name));
            foreach (var file in new[] { "SHA256SUMS", "backup.txt" })
                await File.WriteAllTextAsync(Path.Combine(Backups, name, file), "", Cancel);
        }

        var failed = await DeployScript.RunAsync(
            "backup.sh", DeployScript.VariablesOf($"{new NpgsqlConnectionStringBuilder(address.ConnectionString) { Password = "wrong" }}"), "--to", Backups, "--keep", "1");
        Assert.Equal(1, failed.ExitCode);
        Assert.Contains("password authentication failed", failed.Errors, StringComparison.Ordinal);
        Assert.Equal(4, Directory.EnumerateDirectories(Backups).Count());

        var uri = $"postgresql://{address.Username}:{Uri.EscapeDataString(address.Password!)}@{address.Host}:{address.Port}/postgres?sslmode=prefer";
        var made = await DeployScript.RunAsync("backup.sh", new Dictionary<string, string> { ["DATABASE_URL"] = uri }, "--to", Backups, "--keep", "2");
        Assert.True(made.ExitCode == 0, made.Errors);
        var kept = Directory.EnumerateDirectories(Backups).Select(Path.GetFileName).Order(StringComparer.Ordinal).ToArray();
        Assert.Equal(("20200102T000000Z", "notes", 3), (kept[0], kept[^1], kept.Length));

        var again = await DeployScript.RunAsync("backup.sh", DeployScript.VariablesOf(address.ConnectionString), "--to", Backups, "--keep", "30d");
        Assert.True(again.ExitCode == 0, again.Errors);
        Assert.DoesNotContain(Directory.EnumerateDirectories(Backups), folder => folder.Contains("/2020", StringComparison.Ordinal));
        Assert.Equal(2, Directory.EnumerateDirectories(Backups).Count(folder => !folder.EndsWith("notes", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("--keep", "0")]
    [InlineData("--keep", "two")]
    [InlineData("--encrypt", "yes")]
    [InlineData("--passphrase-file", "/nowhere/passphrase")]
    public async Task Wrong_options_are_refused(string option, string value)
    {
        var refused = await DeployScript.RunAsync("backup.sh", new Dictionary<string, string>(), "--to", Backups, option, value);

        Assert.Equal(2, refused.ExitCode);
        Assert.StartsWith("backup.sh: ", refused.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Backups));
    }

    private static Task<ScriptResult> RestoreAsync(string backup, string target, params string[] options) =>
        DeployScript.RunAsync("restore.sh", new Dictionary<string, string>(), [.. options, backup, target]);

    private async Task<string> FileAsync(string name, string text)
    {
        var file = Path.Combine(_folder, name);
        await DeployScript.WriteSecretAsync(file, text);

        return file;
    }
}
