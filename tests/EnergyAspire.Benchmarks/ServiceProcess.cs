using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Authentication;
using EnergyAspire.Testing;

namespace EnergyAspire.Benchmarks;

/// <summary>The monitoring service as it was built, in a process of its own.</summary>
internal sealed class ServiceProcess : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _output = new();
    private readonly Process _process;

    private ServiceProcess(BenchmarkServers servers, TokenIssuer issuer)
    {
        var address = $"http://127.0.0.1:{FreePort()}";
        var program = ProgramFile();
        var start = new ProcessStartInfo("dotnet", [program])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetDirectoryName(program),
        };
        start.Environment["ASPNETCORE_URLS"] = address;
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        start.Environment["ConnectionStrings__monitoring-db"] = servers.Database;
        start.Environment["ConnectionStrings__messaging"] = servers.Broker;
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

    /// <summary>Starts it and waits until it is ready.</summary>
    public static async Task<ServiceProcess> StartAsync(BenchmarkServers servers, TokenIssuer issuer)
    {
        var service = new ServiceProcess(servers, issuer);
        try
        {
            await Eventually.TrueAsync(service.IsReadyAsync, "the service is ready", TimeSpan.FromMinutes(2));
            return service;
        }
        catch (TimeoutException late)
        {
            await service.DisposeAsync();
            throw new InvalidOperationException($"The service doesn't get ready.\n{string.Join('\n', service._output)}", late);
        }
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public async ValueTask DisposeAsync()
    {
        // Asked to end as an orchestrator does.
        using (var terminate = Process.Start("kill", ["-TERM", $"{_process.Id}"]))
            await terminate.WaitForExitAsync();
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
        catch (HttpRequestException failure)
        {
            return _process.HasExited ? throw new InvalidOperationException($"The service has ended.\n{string.Join('\n', _output)}", failure) : false;
        }
    }

    /// <summary>The program as it was built beside this one, with its own settings.</summary>
    private static string ProgramFile()
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        var configuration = Path.Combine(output.Parent!.Name, output.Name);
        var root = output;
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "EnergyAspire.sln")))
            root = root.Parent;

        return Path.Combine(root!.FullName, "services", "EnergyAspire.Monitoring", "bin", configuration, "EnergyAspire.Monitoring.dll");
    }
}
