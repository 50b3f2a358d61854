using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Authentication;

namespace EnergyAspire.Testing;

/// <summary>The monitoring service as it was built, in a process of its own.</summary>
public sealed class ServiceProcess : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _output = new();
    private readonly Process _process;

    private ServiceProcess(string database, string broker, TokenIssuer issuer)
    {
        var address = $"http://127.0.0.1:{FreePort()}";
        var program = Repository.Program("services", "EnergyAspire.Monitoring");
        var start = new ProcessStartInfo("dotnet", [program])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetDirectoryName(program),
        };
        start.Environment["ASPNETCORE_URLS"] = address;
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        start.Environment["ConnectionStrings__monitoring-db"] = database;
        start.Environment["ConnectionStrings__messaging"] = broker;
        start.Environment["services__identity__http__0"] = issuer.Address;
        start.Environment["ServiceAccount__ClientId"] = "monitoring";
        start.Environment["ServiceAccount__ClientSecret"] = "only-for-tests-0123456789";

        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.ErrorDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        Client = new HttpClient { BaseAddress = new Uri(address) };
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Bearer", TestTokens.ForAccount(DevelopmentData.Admin, "admin", Roles.Admin));
    }

    /// <summary>Calls it as an admin.</summary>
    public HttpClient Client { get; }

    /// <summary>Most memory that the process has held so far, in MB (10^6).</summary>
    public double PeakMemory => File.ReadLines($"/proc/{_process.Id}/status")
        .Where(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
        .Select(line => double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024 / 1e6)
        .Single();

    /// <summary>Processor time that the process has used so far, of all cores together.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Starts it and waits until it is ready.</summary>
    /// <param name="database">Connection string of the service's database.</param>
    /// <param name="broker">AMQP connection string.</param>
    /// <param name="issuer">Stands for Identity.</param>
    /// <exception cref="InvalidOperationException">It doesn't get ready; the message holds what it wrote.</exception>
    public static async Task<ServiceProcess> StartAsync(string database, string broker, TokenIssuer issuer)
    {
        var service = new ServiceProcess(database, broker, issuer);
        try
        {
            await Eventually.TrueAsync(service.IsReadyAsync, "the service is ready", TimeSpan.FromMinutes(3));
            return service;
        }
        catch (Exception late) when (late is TimeoutException or InvalidOperationException)
        {
            await service.DisposeAsync();
            throw new InvalidOperationException($"The service doesn't get ready.\n{string.Join('\n', service._output)}", late);
        }
    }

    /// <summary>A port that nobody listens on.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Ends it as a crash does.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        // Asked to end as an orchestrator does.
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
            return _process.HasExited ? throw new InvalidOperationException($"The service has ended.\n{string.Join('\n', _output)}", failure) : false;
        }
    }
}
