using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using EnergyAspire.Testing;

namespace EnergyAspire.Hosting.Tests;

/// <summary>However an application ends, its servers end with it, and it can be started again at once.</summary>
public sealed class LifetimeTests
{
    private static readonly string Sample = Repository.Program("tests", "EnergyAspire.Hosting.Sample");
    // As its Program.cs has them.
    private const int PostgresPort = 5434;
    private const int BrokerPort = 5674;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("INT", Victim.Application)]
    [InlineData("TERM", Victim.Application)]
    [InlineData("KILL", Victim.Application)]
    [InlineData("KILL", Victim.Orchestrator)]
    [InlineData("KILL", Victim.ApplicationAndOrchestrator)]
    public async Task Nothing_outlives_the_application_and_its_data_are_whole(string signal, Victim victim)
    {
        await using var application = await StartAsync();
        int[] orchestrators = victim == Victim.Application ? [] : Orchestrators(application.Mark);
        int[] victims = victim == Victim.Orchestrator ? orchestrators : [application.Process.Id, .. orchestrators];
        Assert.Equal(victim != Victim.Application, orchestrators.Length > 0);

        foreach (var process in victims)
            await LocalServers.KillAsync(process, signal);
        if (victim == Victim.Orchestrator)
            await application.SaysAsync("Aspire's orchestrator (dcp) has ended by itself, and every resource ends with it.");

        // At once: the new servers wait for the end of the old ones.
        await using var again = await StartAsync();
        var data = Path.Combine(again.Folder("postgres")!, "data");
        await again.StopAsync();
        await application.GoneAsync();
        Assert.Equal("shut down", await ClusterStateAsync(data));
    }

    [Theory]
    [InlineData("KILL", 137)]
    [InlineData("INT", 0)]
    public async Task The_console_says_which_server_has_ended_by_itself(string signal, int code)
    {
        await using var application = await StartAsync();

        await LocalServers.KillAsync(LocalServers.ProcessIn(application.Folder("postgres")!), signal);
        await application.SaysAsync($"'postgres' has ended by itself with exit code {code}.");

        await application.StopAsync();
        Assert.DoesNotContain(application.Output, line => line.Contains("'messaging' has ended", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_console_says_which_server_can_t_start_and_why_while_others_wait_for_it()
    {
        using var other = new TcpListener(IPAddress.Loopback, PostgresPort);
        other.Start();
        await using var application = Start();

        await application.SaysAsync($"'postgres': Port {PostgresPort}, which 'postgres' needs, is in use.");
        await application.SaysAsync("'postgres' can't start.");
    }

    /// <summary>What a test kills.</summary>
    public enum Victim
    {
        /// <summary>The application.</summary>
        Application,

        /// <summary>The orchestrator that runs the application's servers.</summary>
        Orchestrator,

        /// <summary>The application, and the orchestrator that runs its servers.</summary>
        ApplicationAndOrchestrator,
    }

    private static async Task<SampleApplication> StartAsync()
    {
        var application = Start();
        try
        {
            await Eventually.TrueAsync(
                async () => application.Process.HasExited
                    ? throw new InvalidOperationException("It has ended.")
                    : await ListensAsync(PostgresPort) && await ListensAsync(BrokerPort) && application.Owns("postgres") && application.Owns("messaging"),
                "the application's servers listen", LocalServers.Patience);
            return application;
        }
        catch (Exception problem)
        {
            await application.DisposeAsync();
            throw new InvalidOperationException(string.Join("\n", application.Output), problem);
        }
    }

    private static SampleApplication Start()
    {
        // Programs inherit the variable, so whatever carries it was started for this test. They also inherit that INT is ignored, if these tests are a
        // background job of a shell.
        var mark = $"{Guid.NewGuid():N}";
        var process = Process.Start(new ProcessStartInfo("env", ["--default-signal=INT", "setsid", "dotnet", Sample, "--Servers=local"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.Combine(Repository.Folder, "tests", "EnergyAspire.Hosting.Sample"),
            Environment = { ["HOSTING_TEST_MARK"] = mark, ["DOTNET_ENVIRONMENT"] = "Development", ["ASPIRE_ALLOW_UNSECURED_TRANSPORT"] = "true" },
        })!;
        return new SampleApplication(process, mark);
    }

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
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", port, Cancel);
            return true;
        }
        catch (SocketException)
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

    private static async Task<string> ClusterStateAsync(string data)
    {
        var programs = Directory.GetFiles("/usr/lib/postgresql", "pg_controldata", SearchOption.AllDirectories);
        using var control = Process.Start(new ProcessStartInfo(programs.Max()!, [data]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var output = await control.StandardOutput.ReadToEndAsync(Cancel);

        return output.Split('\n').Single(line => line.StartsWith("Database cluster state:", StringComparison.Ordinal)).Split(':')[1].Trim();
    }

    /// <summary>A running sample. Whatever is left of it is killed with it.</summary>
    private sealed class SampleApplication : IAsyncDisposable
    {
        public SampleApplication(Process process, string mark)
        {
            (Process, Mark) = (process, mark);
            process.OutputDataReceived += (_, line) => Output.Enqueue(line.Data ?? "");
            process.ErrorDataReceived += (_, line) => Output.Enqueue(line.Data ?? "");
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
        }

        public Process Process { get; }

        public string Mark { get; }

        public ConcurrentQueue<string> Output { get; } = [];

        /// <summary>The folder that a server runs in; null when it doesn't run.</summary>
        public string? Folder(string server) => Marked(Mark).Select(process => WorkingDirectory(process.Id)).FirstOrDefault(folder => Path.GetFileName(folder) == server);

        /// <summary>Whether a server runs and is this application's.</summary>
        public bool Owns(string server) =>
            Folder(server) is { } folder && LocalServers.ProcessIn(folder) is var process and not 0 && Marked(Mark).Any(marked => marked.Id == process);

        public async Task SaysAsync(string words) => await Eventually.GetAsync(
            () => Task.FromResult(string.Join("\n", Output)), output => output.Contains(words, StringComparison.Ordinal), $"the console says: {words}", LocalServers.Patience);

        public async Task StopAsync()
        {
            await LocalServers.KillAsync(Process.Id, "TERM");
            await GoneAsync();
        }

        public async Task GoneAsync()
        {
            await Process.WaitForExitAsync(Cancel).WaitAsync(LocalServers.Patience, Cancel);
            await Eventually.TrueAsync(() => Task.FromResult(!Marked(Mark).Any()), "nothing is left of the application", TimeSpan.FromMinutes(1));
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var (process, _) in Marked(Mark).ToArray())
                await LocalServers.KillAsync(process, "KILL");
            Process.Dispose();
        }

        private static string? WorkingDirectory(int process)
        {
            try
            {
                return new FileInfo($"/proc/{process}/cwd").LinkTarget;
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }
    }
}
