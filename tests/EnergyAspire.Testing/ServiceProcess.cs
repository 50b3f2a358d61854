using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Authentication;

namespace EnergyAspire.Testing;

/// <summary>A built service in its own process.</summary>
public sealed class ServiceProcess : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _output = new();
    private readonly Process _process;

    private ServiceProcess(string program, IReadOnlyDictionary<string, string> environment)
    {
        var address = $"http://127.0.0.1:{FreePort()}";
        var start = new ProcessStartInfo("dotnet", [program])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetDirectoryName(program),
        };
        start.Environment["ASPNETCORE_URLS"] = address;
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        foreach (var (name, value) in environment)
            start.Environment[name] = value;

        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.ErrorDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        Client = new HttpClient { BaseAddress = new Uri(address) };
    }

    /// <summary>Client of the process.</summary>
    public HttpClient Client { get; }

    /// <summary>Peak memory of the process so far, in MB (10^6).</summary>
    public double PeakMemory => File.ReadLines($"/proc/{_process.Id}/status")
        .Where(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
        .Select(line => double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024 / 1e6)
        .Single();

    /// <summary>Processor time of the process so far, summed over all cores.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Starts Monitoring and waits until it is ready. The client is signed in as an admin.</summary>
    /// <param name="database">Connection string of the service's database.</param>
    /// <param name="broker">AMQP connection string.</param>
    /// <param name="issuer">Replaces Identity.</param>
    /// <exception cref="InvalidOperationException">The service doesn't become ready. The message holds its output.</exception>
    public static async Task<ServiceProcess> StartAsync(string database, string broker, TokenIssuer issuer)
    {
        var service = await StartAsync(Repository.Program("services", "EnergyAspire.Monitoring"), new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ConnectionStrings__monitoring-db"] = database,
            ["ConnectionStrings__messaging"] = broker,
            ["services__identity__http__0"] = issuer.Address,
            ["ServiceAccount__ClientId"] = "monitoring",
            ["ServiceAccount__ClientSecret"] = "only-for-tests-0123456789",
        });
        service.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Bearer", TestTokens.ForAccount(DevelopmentData.Admin, "admin", Roles.Admin));

        return service;
    }

    /// <summary>Starts a program on a free port and waits until it is ready. Its environment is Production unless a variable says otherwise.</summary>
    /// <param name="program">Path of the built program.</param>
    /// <param name="environment">Environment variables, in addition to those of this process.</param>
    /// <exception cref="InvalidOperationException">The program doesn't become ready. The message holds its output.</exception>
    public static async Task<ServiceProcess> StartAsync(string program, IReadOnlyDictionary<string, string> environment)
    {
        var service = new ServiceProcess(program, environment);
        try
        {
            await Eventually.TrueAsync(service.IsReadyAsync, $"{program} is ready", TimeSpan.FromMinutes(3));
            return service;
        }
        catch (Exception late) when (late is TimeoutException or InvalidOperationException)
        {
            await service.DisposeAsync();
            throw new InvalidOperationException($"{program} doesn't get ready.\n{string.Join('\n', service._output)}", late);
        }
    }

    /// <summary>Returns a free port.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Kills the process, like a crash.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        // Sends SIGTERM, like an orchestrator.
        if (!_process.HasExited)
        {
            using var terminate = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
            await terminate.WaitForExitAsync();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
        Client.Dispose();
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await Client.GetAsync(new Uri("/health", UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException)
        {
            return _process.HasExited ? throw new InvalidOperationException("It has ended.", failure) : false;
        }
    }
}
