using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EnergyAspire.Hosting;

/// <summary>A server program that is installed on this machine. It listens on the loopback address only and has its own data folder.</summary>
public abstract class LocalServerResource : ExecutableResource, IResourceWithConnectionString
{
    private static readonly TimeSpan EarlierServerTimeout = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan PortTimeout = TimeSpan.FromSeconds(6);

    // The orchestrator stops a program by SIGTERM. This shell sends the server the signal for its fast, clean shutdown instead.
    private const string Supervisor = """
        trap 'kill -s "$STOP_SIGNAL" $server' TERM INT
        "$@" & server=$!
        echo $server > server.pid
        wait $server; code=$?
        while kill -0 $server 2>/dev/null; do wait $server; code=$?; done
        rm -f server.pid
        exit $code
        """;

    private static readonly ConcurrentDictionary<int, byte> GivenPorts = new();

    private readonly string _stopSignal;
    private string? _programs;

    private protected LocalServerResource(string name, string folder, ParameterResource password, string stopSignal)
        : base(name, "/bin/sh", folder) => (Password, _stopSignal) = (password, stopSignal);

    /// <summary>Where clients connect.</summary>
    public EndpointReference PrimaryEndpoint => new(this, "tcp");

    /// <summary>Password of the administrator.</summary>
    public ParameterResource Password { get; }

    /// <inheritdoc />
    public abstract ReferenceExpression ConnectionStringExpression { get; }

    /// <summary>User that the program runs as when the application runs as root; null when the program may run as root.</summary>
    private protected virtual string? User => null;

    /// <summary>Ports on this machine.</summary>
    private IEnumerable<int> Ports => Annotations.OfType<EndpointAnnotation>().Select(endpoint => endpoint.Port!.Value);

    /// <summary>Path of the program.</summary>
    /// <exception cref="DistributedApplicationException">It isn't installed.</exception>
    private protected abstract string FindProgram();

    /// <summary>First arguments of the program; the application may add more.</summary>
    private protected virtual string[] Arguments => [];

    /// <summary>Creates in <see cref="ExecutableResource.WorkingDirectory"/> what the program needs to start.</summary>
    private protected abstract Task PrepareAsync(ILogger logger, CancellationToken cancel);

    /// <summary>Adds a local server to an application: its ports, the supervised command line, and the preparation before each start.</summary>
    internal static IResourceBuilder<T> AddTo<T>(
        IDistributedApplicationBuilder builder, T server, params IEnumerable<(string Name, int? Port, string Scheme)> endpoints) where T : LocalServerResource
    {
        server._programs = builder.Configuration[$"ServerPrograms:{server.Name}"];
        var local = builder.AddResource(server).ExcludeFromManifest();
        var random = builder.Configuration.GetValue("DcpPublisher:RandomizePorts", defaultValue: false);
        foreach (var (name, port, scheme) in endpoints)
        {
            // Without the orchestrator's proxy, which would cost time per message and hide before the start that a port is in use.
            var own = port is null || random ? FreePort() : port;
            local.WithEndpoint(own, own, scheme, name, isProxied: false);
        }

        return local
            .WithArgs(context =>
            {
                foreach (var argument in (string[])["-c", Supervisor, server.Name, .. LocalPrograms.As(server.User, server.FindProgram(), server.Arguments)])
                    context.Args.Add(argument);
            })
            .WithEnvironment("STOP_SIGNAL", server._stopSignal)
            .OnBeforeResourceStarted((resource, start, cancel) => resource.PrepareStartAsync(start.Services, cancel));
    }

    /// <summary>
    /// The path of one of the server's programs: in the folder of the setting <c>ServerPrograms</c>, else in one of these folders or on the
    /// PATH.
    /// </summary>
    /// <exception cref="DistributedApplicationException">It isn't there.</exception>
    private protected string Find(string program, string package, IEnumerable<string> folders) =>
        (_programs is null ? LocalPrograms.Find(program, folders) : LocalPrograms.In(program, _programs))
        ?? throw new DistributedApplicationException(
            $"'{Name}' needs the program {program}. Install it (`apt-get install {package}`; ./run.sh does), start a container engine, or name an existing server in ConnectionStrings__{Name}.");

    private async Task PrepareStartAsync(IServiceProvider services, CancellationToken cancel)
    {
        try
        {
            FindProgram();
            await LocalPrograms.RunAsync(["install", "-d", "-m", "0700", .. LocalPrograms.OwnedBy(User), WorkingDirectory], cancel);
            await LetEarlierServerEndAsync(cancel);
            foreach (var port in Ports)
                await RequireFreeAsync(port, cancel);
            await PrepareAsync(services.GetRequiredService<ResourceLoggerService>().GetLogger(this), cancel);
        }
        catch (DistributedApplicationException problem)
        {
            ServerLog.Problem(services, this, problem.Message);
            throw;
        }
    }

    // A server whose application was killed ends within seconds. If it doesn't end, its application is still running.
    private async Task LetEarlierServerEndAsync(CancellationToken cancel)
    {
        for (var waited = Stopwatch.StartNew(); RunningServer() is { } process; await Task.Delay(100, cancel))
        {
            if (waited.Elapsed > EarlierServerTimeout)
            {
                throw new DistributedApplicationException(
                    $"Another server (process {process}) uses {WorkingDirectory}. Perhaps this system runs already; if not, end it with `kill {process}`.");
            }
        }
    }

    // Child processes end slightly later than the server and would still block a new one, so every process in the folder counts.
    private int? RunningServer() => Directory.EnumerateDirectories("/proc")
        .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var process) ? process : (int?)null)
        .FirstOrDefault(process => process is not null && WorksHere(process.Value));

    private bool WorksHere(int process)
    {
        try
        {
            return new FileInfo($"/proc/{process}/cwd").LinkTarget is { } folder
                && (folder == WorkingDirectory || folder.StartsWith($"{WorkingDirectory}/", StringComparison.Ordinal));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private async Task RequireFreeAsync(int port, CancellationToken cancel)
    {
        for (var waited = Stopwatch.StartNew(); !IsFree(port); await Task.Delay(200, cancel))
        {
            if (waited.Elapsed > PortTimeout)
            {
                throw new DistributedApplicationException(
                    $"Port {port}, which '{Name}' needs, is in use. End the program that listens there (`ss -ltnp 'sport = :{port}'` names it; perhaps this system runs already).");
            }
        }
    }

    // The range is below the ephemeral ports, which outgoing connections use.
    private protected static int FreePort()
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(20_000, 32_000);
            if (IsFree(port) && GivenPorts.TryAdd(port, 0))
                return port;
        }
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
