using System.Diagnostics;
using EnergyAspire.Testing;

namespace EnergyAspire.Benchmarks;

/// <summary>Measures how long the scripts in the folder <c>deploy</c> take to back up the server and to restore the backup.</summary>
internal static class BackupTimes
{
    public static async Task MeasureAsync(BenchmarkServers servers, ProductDatabase database, Report report, CancellationToken cancel)
    {
        // Open to PostgreSQL's user, which temporary folders of other users may not be.
        var folder = Directory.CreateDirectory(Path.Combine("/var/tmp", $"energyaspire-backup-{Guid.NewGuid():N}")).FullName;
        try
        {
            var passphrase = Path.Combine(folder, "passphrase");
            await DeployScript.WriteSecretAsync(passphrase, "only for this benchmark");
            report.Add("monitoring_db, size", await database.ScalarAsync<long>("select pg_database_size(current_database())", cancel) / 1e6, "MB");

            await MeasureAsync("", [], Path.Combine(folder, "plain"));
            await MeasureAsync(", encrypted", ["--passphrase-file", passphrase], Path.Combine(folder, "encrypted"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        async Task MeasureAsync(string kind, string[] options, string target)
        {
            var (backups, restored) = (Path.Combine(target, "backups"), Path.Combine(target, "restored"));
            report.Add($"backup{kind}", await RunAsync("backup.sh", DeployScript.VariablesOf(servers.Administrator), [.. options, "--to", backups]), "s");
            var backup = Directory.EnumerateDirectories(backups).Single();
            report.Add($"backup{kind}, size", Directory.EnumerateFiles(backup).Sum(file => new FileInfo(file).Length) / 1e6, "MB");
            report.Add($"restoration{kind}", await RunAsync("restore.sh", new Dictionary<string, string>(), [.. options, backup, restored]), "s");
            Directory.Delete(target, recursive: true);
        }
    }

    private static async Task<double> RunAsync(string script, IReadOnlyDictionary<string, string> variables, string[] arguments)
    {
        var started = Stopwatch.GetTimestamp();
        var result = await DeployScript.RunAsync(script, variables, arguments);
        return result.ExitCode == 0 ? Stopwatch.GetElapsedTime(started).TotalSeconds : throw new InvalidOperationException(result.Errors);
    }
}
