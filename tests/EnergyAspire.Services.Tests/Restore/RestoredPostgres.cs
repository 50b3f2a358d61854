using System.Diagnostics;
using EnergyAspire.Testing;
using Npgsql;

namespace EnergyAspire.Services.Tests.Restore;

/// <summary>PostgreSQL on a restored data folder, started as <c>restore.sh</c> says.</summary>
internal sealed class RestoredPostgres : IAsyncDisposable
{
    private readonly Process _process;

    private RestoredPostgres(Process process) => _process = process;

    /// <summary>Starts the server and waits until it answers.</summary>
    /// <param name="program">Path of <c>postgres</c>.</param>
    /// <param name="data">Data folder.</param>
    /// <param name="administrator">Connection string of the administrator, with the port to listen on.</param>
    public static async Task<RestoredPostgres> StartAsync(string program, string data, NpgsqlConnectionStringBuilder administrator)
    {
        // PostgreSQL doesn't run as root.
        string[] command =
        [
            .. Environment.IsPrivilegedProcess ? (string[])["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", program] : [program],
            "-D", data, "-c", "listen_addresses=localhost", "-c", $"port={administrator.Port}", "-c", "unix_socket_directories=", "-c", "max_connections=200",
        ];
        var restored = new RestoredPostgres(Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            UseShellExecute = false,
            WorkingDirectory = "/",
            RedirectStandardError = true,
        })!);
        var log = restored._process.StandardError.ReadToEndAsync();
        try
        {
            await Eventually.TrueAsync(() => AnswersAsync(administrator.ConnectionString, restored._process, log), "the restored PostgreSQL answers");
            return restored;
        }
        catch
        {
            await restored.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            // A fast shutdown.
            using var interrupt = Process.Start("kill", ["-INT", $"{_process.Id}"]);
            await interrupt.WaitForExitAsync();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static async Task<bool> AnswersAsync(string administrator, Process process, Task<string> log)
    {
        if (process.HasExited)
            throw new InvalidOperationException($"PostgreSQL has ended.\n{await log}");

        try
        {
            await using var connection = new NpgsqlConnection($"{administrator};Database=postgres;Pooling=false");
            await connection.OpenAsync();
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }
}
