using System.Diagnostics;
using Npgsql;

namespace EnergyAspire.Testing;

/// <summary>Result of a script.</summary>
/// <param name="ExitCode">Exit code.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Errors">Standard error.</param>
public sealed record ScriptResult(int ExitCode, string Output, string Errors);

/// <summary>Runs the scripts in the folder <c>deploy</c>.</summary>
public static class DeployScript
{
    /// <summary>Runs a script to its end.</summary>
    /// <param name="name">File name.</param>
    /// <param name="variables">Environment variables, in addition to those of this process.</param>
    /// <param name="arguments">Arguments.</param>
    public static async Task<ScriptResult> RunAsync(string name, IReadOnlyDictionary<string, string> variables, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(Repository.Folder, "deploy", name), arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (variable, value) in variables)
            start.Environment[variable] = value;

        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();

        return new ScriptResult(process.ExitCode, await output, await errors);
    }

    /// <summary>Writes a file that only this user can read, as the scripts require it for passphrases.</summary>
    public static async Task WriteSecretAsync(string file, string secret)
    {
        await File.WriteAllTextAsync(file, $"{secret}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    /// <summary>Returns the environment variables by which scripts connect to PostgreSQL.</summary>
    /// <param name="postgres">Connection string of the server.</param>
    public static Dictionary<string, string> VariablesOf(string postgres)
    {
        var server = new NpgsqlConnectionStringBuilder(postgres);
        return new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PGHOST"] = server.Host!,
            ["PGPORT"] = $"{server.Port}",
            ["PGUSER"] = server.Username!,
            ["PGPASSWORD"] = server.Password!,
        };
    }

    /// <summary>Returns the environment variables by which <c>backup.sh</c> reads the broker's definitions.</summary>
    /// <param name="broker">AMQP connection string of the administrator.</param>
    /// <param name="management">Address of the management page.</param>
    public static Dictionary<string, string> VariablesOf(string broker, Uri management)
    {
        var account = new Uri(broker).UserInfo.Split(':', 2);
        return new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["BROKER_MANAGEMENT"] = management.GetLeftPart(UriPartial.Authority),
            ["BROKER_USER"] = Uri.UnescapeDataString(account[0]),
            ["BROKER_PASSWORD"] = Uri.UnescapeDataString(account[1]),
        };
    }
}
