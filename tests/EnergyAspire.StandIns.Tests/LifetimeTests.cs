using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace EnergyAspire.StandIns.Tests;

/// <summary>The sample's AppHost as a program of its own, however it ends.</summary>
public sealed class LifetimeTests
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "EnergyAspire.StandIns.Sample.AppHost");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("KILL")]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task Nothing_outlives_the_application(string signal)
    {
        var mark = $"{Guid.NewGuid():N}";
        using var application = Start(mark, "--DcpPublisher:RandomizePorts=true");
        _ = application.StandardOutput.ReadToEndAsync(Cancel);
        await WaitUntilAsync(() => Marked(mark).Any(p => p.EndsWith("EnergyAspire.StandIns.Sample", StringComparison.Ordinal)), TimeSpan.FromMinutes(2));

        using var kill = Process.Start("kill", [$"-{signal}", $"{application.Id}"]);
        try
        {
            // A shell that runs the tests in its background makes them, and so this program, deaf to INT.
            await application.WaitForExitAsync(Cancel).WaitAsync(TimeSpan.FromMinutes(1), Cancel);
        }
        finally
        {
            application.Kill();
        }

        await WaitUntilAsync(() => !Marked(mark).Any(), TimeSpan.FromSeconds(60));
        if (signal != "KILL")
            Assert.Equal(0, application.ExitCode);
    }

    [Fact]
    public async Task A_port_in_use_is_named_in_one_sentence()
    {
        using var other = new TcpListener(IPAddress.Loopback, 18555);
        other.Start();
        var mark = $"{Guid.NewGuid():N}";
        using var application = Start(mark);

        _ = application.StandardOutput.ReadToEndAsync(Cancel);
        var words = await application.StandardError.ReadToEndAsync(Cancel);
        await application.WaitForExitAsync(Cancel);

        Assert.Equal(1, application.ExitCode);
        Assert.StartsWith("EnergyAspire.StandIns.Sample.AppHost can't start: port 18555, which 'front' needs, is in use.", words, StringComparison.Ordinal);
        Assert.Single(words.TrimEnd().Split('\n'));
        Assert.Empty(Marked(mark));
    }

    // Programs inherit the variable, so whatever carries it was started for this test.
    private static Process Start(string mark, params string[] args) => Process.Start(new ProcessStartInfo(Program, args)
    {
        UseShellExecute = false,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment = { ["STANDINS_MARK"] = mark, ["DOTNET_ENVIRONMENT"] = "Development" },
    })!;

    private static IEnumerable<string> Marked(string mark) => Process.GetProcesses().Select(process =>
    {
        try
        {
            return File.ReadAllText($"/proc/{process.Id}/environ").Contains(mark, StringComparison.Ordinal)
                ? File.ReadAllText($"/proc/{process.Id}/cmdline").Split('\0')[0]
                : "";
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }).Where(program => program.Length > 0);

    private static async Task WaitUntilAsync(Func<bool> condition, TimeSpan deadline)
    {
        for (var waited = Stopwatch.StartNew(); !condition();)
        {
            Assert.True(waited.Elapsed < deadline, $"Not within {deadline}.");
            await Task.Delay(200, Cancel);
        }
    }
}
