using System.Collections.Concurrent;
using System.Diagnostics;
using EnergyAspire.Testing;

namespace EnergyAspire.Services.Tests;

/// <summary>A replica of Identity in a process of its own, so that it can be killed.</summary>
public sealed class IdentityProcess : IDisposable
{
    private readonly IReadOnlyDictionary<string, string> _settings;
    private readonly ConcurrentQueue<string> _output = new();
    private Process? _process;

    public IdentityProcess(IReadOnlyDictionary<string, string> settings)
    {
        _settings = settings;
        Client = new HttpClient { BaseAddress = new Uri(Address), Timeout = TimeSpan.FromMinutes(5) };
    }

    /// <summary>Where it listens, also after a restart.</summary>
    public string Address { get; } = $"http://127.0.0.1:{ServiceProcess.FreePort()}";

    /// <summary>Calls it, signed in as nobody.</summary>
    public HttpClient Client { get; }

    /// <summary>What it has written last.</summary>
    public string Output => string.Join(Environment.NewLine, _output.TakeLast(60));

    /// <summary>Starts it, unless it runs, and waits until it is ready.</summary>
    public async Task StartAsync()
    {
        if (_process is not { HasExited: false })
            Launch();

        try
        {
            await Eventually.TrueAsync(IsReadyAsync, "an Identity process is ready", TimeSpan.FromMinutes(3));
        }
        catch (TimeoutException timeout)
        {
            throw new InvalidOperationException($"Identity does not get ready.\n{Output}", timeout);
        }
    }

    /// <summary>Kills it (-9).</summary>
    public void Kill()
    {
        _process!.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (_process is { HasExited: false })
            Kill();
        _process?.Dispose();
        Client.Dispose();
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await Client.GetAsync(new Uri("/health", UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException failure)
        {
            return _process!.HasExited ? throw new InvalidOperationException($"Identity has ended.\n{Output}", failure) : false;
        }
    }

    private void Launch()
    {
        var program = Repository.Program("services", "EnergyAspire.Identity");
        var start = new ProcessStartInfo("dotnet", [program])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetDirectoryName(program),
        };
        foreach (var (key, value) in _settings)
            start.Environment[key] = value;
        start.Environment["ASPNETCORE_URLS"] = Address;
        start.Environment["services__identity__http__0"] = Address;

        _process?.Dispose();
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.ErrorDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }
}
