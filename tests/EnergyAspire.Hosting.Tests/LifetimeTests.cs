using System.Collections.Concurrent;
using System.Diagnostics;
using EnergyAspire.Testing;

namespace EnergyAspire.Hosting.Tests;

/// <summary>However an application ends, its servers end with it, and it can be started again at once.</summary>
public sealed class LifetimeTests
{
    private static readonly string Sample = Repository.Program("tests", "EnergyAspire.Hosting.Sample");
    private static readonly string Data = Path.Combine(Repository.Folder, "tests", ".data");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("INT", false)]
    [InlineData("TERM", false)]
    [InlineData("KILL", false)]
    [InlineData("KILL", true)]
    public async Task Nothing_outlives_the_application_and_its_data_are_whole(string signal, bool orchestratorToo)
    {
        var (mark, nextMark) = ($"{Guid.NewGuid():N}", $"{Guid.NewGuid():N}");
        using var application = await StartAsync(mark);
        var orchestrators = orchestratorToo ? Orchestrators(mark) : [];
        if (orchestratorToo)
            Assert.NotEmpty(orchestrators);

        foreach (var process in orchestrators.Prepend(application.Id))
            await LocalServers.KillAsync(process, signal);

        // At once: the new servers wait for the end of the old ones.
        using var again = await StartAsync(nextMark);
        await LocalServers.KillAsync(again.Id, "TERM");
        await again.WaitForExitAsync(Cancel).WaitAsync(LocalServers.Patience, Cancel);
        await Eventually.TrueAsync(
            () => Task.FromResult(!Marked(mark).Concat(Marked(nextMark)).Any()), "nothing is left of both", TimeSpan.FromMinutes(1));
        Assert.Equal("shut down", await ClusterStateAsync());
    }

    [Fact]
    public async Task The_console_says_which_server_has_ended_by_itself()
    {
        var mark = $"{Guid.NewGuid():N}";
        var output = new ConcurrentQueue<string>();
        using var application = await StartAsync(mark, output);

        await LocalServers.KillAsync(LocalServers.ProcessIn(Path.Combine(Data, "postgres")), "KILL");
        await Eventually.TrueAsync(
            () => Task.FromResult(output.Any(line => line.Contains("'postgres' has ended by itself with exit code 137.", StringComparison.Ordinal))),
            "the console says that postgres has ended");

        await LocalServers.KillAsync(application.Id, "TERM");
        await application.WaitForExitAsync(Cancel).WaitAsync(LocalServers.Patience, Cancel);
        Assert.DoesNotContain(output, line => line.Contains("'messaging' has ended", StringComparison.Ordinal));
    }

    private static async Task<Process> StartAsync(string mark, ConcurrentQueue<string>? output = null)
    {
        // Programs inherit the variable, so whatever carries it was started for this test. A job of a shell's background would be deaf to INT.
        var application = Process.Start(new ProcessStartInfo("setsid", ["dotnet", Sample, "--Servers=local"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.Combine(Repository.Folder, "tests", "EnergyAspire.Hosting.Sample"),
            Environment = { ["HOSTING_TEST_MARK"] = mark, ["DOTNET_ENVIRONMENT"] = "Development", ["ASPIRE_ALLOW_UNSECURED_TRANSPORT"] = "true" },
        })!;
        output ??= [];
        application.OutputDataReceived += (_, line) => output.Enqueue(line.Data ?? "");
        application.ErrorDataReceived += (_, line) => output.Enqueue(line.Data ?? "");
        application.BeginOutputReadLine();
        application.BeginErrorReadLine();
        await Eventually.TrueAsync(
            async () => application.HasExited
                ? throw new InvalidOperationException(string.Join("\n", output))
                : await ListensAsync(5434) && await ListensAsync(5674) && Owns(mark, "postgres") && Owns(mark, "messaging"),
            "the application's servers listen", LocalServers.Patience);
        return application;
    }

    /// <summary>Whether the server that runs now belongs to a running application of this test.</summary>
    private static bool Owns(string mark, string server) =>
        LocalServers.ProcessIn(Path.Combine(Data, server)) is var process and not 0 && Marked(mark).Any(marked => marked.Id == process);

    // Its monitors, one for each program, are what ends the programs when it is killed.
    private static int[] Orchestrators(string mark) =>
        [.. from process in Marked(mark)
            let command = process.Command
            where command[0].EndsWith("/dcp", StringComparison.Ordinal) && !command.Contains("monitor-process", StringComparer.Ordinal)
            select process.Id];

    private static async Task<bool> ListensAsync(int port)
    {
        try
        {
            using var client = new System.Net.Sockets.TcpClient();
            await client.ConnectAsync("127.0.0.1", port, Cancel);
            return true;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return false;
        }
    }

    private static IEnumerable<(int Id, string[] Command)> Marked(string mark) => Process.GetProcesses().Select(process =>
    {
        try
        {
            return File.ReadAllText($"/proc/{process.Id}/environ").Contains(mark, StringComparison.Ordinal)
                ? (process.Id, File.ReadAllText($"/proc/{process.Id}/cmdline").Split('\0'))
                : (0, Array.Empty<string>());
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return (0, Array.Empty<string>());
        }
    }).Where(process => process.Item1 != 0);

    private static async Task<string> ClusterStateAsync()
    {
        var programs = Directory.GetFiles("/usr/lib/postgresql", "pg_controldata", SearchOption.AllDirectories);
        using var control = Process.Start(new ProcessStartInfo(programs.Max()!, [Path.Combine(Data, "postgres", "data")]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var output = await control.StandardOutput.ReadToEndAsync(Cancel);

        return output.Split('\n').Single(line => line.StartsWith("Database cluster state:", StringComparison.Ordinal)).Split(':')[1].Trim();
    }
}
