using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using EnergyAspire.Testing;

namespace EnergyAspire.Chaos;

/// <summary>The built simulator in its own process, with all kinds of faults.</summary>
internal sealed class SimulatorProcess : IDisposable
{
    private const string ShareOfEachFault = "0.02";

    private readonly ConcurrentQueue<string> _output = new();
    private readonly Process _process;

    public SimulatorProcess(ChaosOptions options, DateTimeOffset clock, string devices, string expect, string broker)
    {
        var program = Repository.Program("simulator", "EnergyAspire.Simulator");
        var minutesEachSecond = TimeSpan.FromDays(options.Days).TotalMinutes / options.Time.TotalSeconds;
        var start = new ProcessStartInfo("dotnet",
        [
            program, "--devices-file", devices, "--start", clock.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
            "--duration", $"{options.Days}d", "--time-acceleration", minutesEachSecond.ToString(CultureInfo.InvariantCulture),
            "--seed", $"{options.Seed}", "--faults", ShareOfEachFault, "--expect", expect,
        ])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetDirectoryName(program),
        };
        start.Environment["ConnectionStrings__messaging"] = broker;

        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.ErrorDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Whether it has sent everything.</summary>
    public bool HasFinished => _process.HasExited;

    /// <summary>Waits until the broker has confirmed everything.</summary>
    /// <exception cref="InvalidOperationException">It failed or didn't finish in time. The message holds its output.</exception>
    public async Task FinishAsync(TimeSpan within, CancellationToken cancel)
    {
        try
        {
            await _process.WaitForExitAsync(cancel).WaitAsync(within, cancel);
        }
        catch (TimeoutException late)
        {
            throw new InvalidOperationException($"The simulator didn't finish within {within}.\n{string.Join('\n', _output)}", late);
        }

        if (_process.ExitCode != 0)
            throw new InvalidOperationException($"The simulator ended with exit code {_process.ExitCode}.\n{string.Join('\n', _output)}");
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }
}
