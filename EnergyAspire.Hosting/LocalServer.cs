using System.Diagnostics;
using System.Net.NetworkInformation;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace EnergyAspire.Hosting;

/// <summary>A server program that is installed on this machine. It listens on the loopback address only and has its own data folder.</summary>
internal abstract class LocalServerResource : ExecutableResource, IResourceWithConnectionString
{
    private static readonly TimeSpan EarlierServerTimeout = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan PortTimeout = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan CheckTimeout = TimeSpan.FromSeconds(5);

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

    private readonly string _stopSignal;

    /// <summary>Creates a server.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">Resource name.</param>
    /// <param name="stopSignal">Signal for the server's fast, clean shutdown.</param>
    /// <param name="user">User that runs the programs; null when it is this process's user.</param>
    private protected LocalServerResource(IDistributedApplicationBuilder builder, string name, string stopSignal, string? user = null)
        : base(name, "/bin/sh", LocalFolders.For(builder, name, user))
    {
        (_stopSignal, User, Programs) = (stopSignal, user, builder.Configuration[$"ServerPrograms:{name}"]);
        Password = ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(builder, $"{name}-password", special: false);
    }

    /// <summary>Where clients connect.</summary>
    public EndpointReference PrimaryEndpoint => new(this, "tcp");

    /// <summary>Password of the administrator.</summary>
    public ParameterResource Password { get; }

    /// <inheritdoc />
    public abstract ReferenceExpression ConnectionStringExpression { get; }

    /// <summary>User that runs the programs; null when it is this process's user.</summary>
    private protected string? User { get; }

    /// <summary>Folder with the server's programs, from the setting <c>ServerPrograms</c>; null when they are searched.</summary>
    internal string? Programs { get; }

    /// <summary>Path of the program.</summary>
    /// <exception cref="DistributedApplicationException">It isn't installed.</exception>
    private protected abstract string FindProgram();

    /// <summary>First arguments of the program; the application may add more.</summary>
    private protected virtual string[] Arguments => [];

    /// <summary>Creates in <see cref="ExecutableResource.WorkingDirectory"/> what the program needs to start.</summary>
    private protected abstract Task PrepareAsync(ILogger logger, CancellationToken cancel);

    /// <summary>Connects to the server as the administrator.</summary>
    private protected abstract Task ConnectAsync(string connectionString, CancellationToken cancel);

    /// <summary>Adds a local server to an application: its ports, the supervised command line, its health, and the preparation before each start.</summary>
    /// <param name="endpoints">A free port is used when the port is null, or when ports are random.</param>
    internal static IResourceBuilder<T> AddTo<T>(
        IDistributedApplicationBuilder builder, T server, params IEnumerable<(string Name, int? Port, string Scheme)> endpoints) where T : LocalServerResource
    {
        var check = $"{server.Name}_check";
        builder.Services.AddHealthChecks().AddAsyncCheck(check, server.CheckAsync);

        var local = builder.AddResource(server).ExcludeFromManifest().WithHealthCheck(check);
        var random = builder.Configuration.GetValue("DcpPublisher:RandomizePorts", defaultValue: false);
        foreach (var (name, port, scheme) in endpoints)
        {
            // Without the orchestrator's proxy, which would cost time per message and hide before the start that a port is in use.
            var own = random ? null : port;
            local.WithEndpoint(own, own, scheme, name, isProxied: false);
        }

        return local
            .WithArgs(context =>
            {
                foreach (var argument in (string[])["-c", Supervisor, server.Name, .. LocalPrograms.As(server.User, server.FindProgram(), server.Arguments)])
                    context.Args.Add(argument);
            })
            .WithEnvironment("STOP_SIGNAL", server._stopSignal)
            .PrepareStart(server.PrepareStartAsync);
    }

    /// <summary>
    /// The path of one of the server's programs: in the folder of the setting <c>ServerPrograms</c>, else in one of these folders or on the
    /// PATH.
    /// </summary>
    /// <exception cref="DistributedApplicationException">It isn't there.</exception>
    private protected string Find(string program, string package, params IEnumerable<string> folders) =>
        (Programs is null ? folders.Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')) : [Programs])
            .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists)
        ?? throw new DistributedApplicationException(
            $"'{Name}' needs the program {program}. Install it (`apt-get install {package}`; ./run.sh does), start a container engine, or name an existing server in ConnectionStrings__{Name}.");

    private async Task PrepareStartAsync(IServiceProvider services, CancellationToken cancel)
    {
        FindProgram();
        string[] owner = User is null ? [] : ["-o", User];
        await LocalPrograms.RunAsync(["install", "-d", "-m", "0700", .. owner, WorkingDirectory], cancel);
        await BeforeStart.WaitAsync(EarlierServerTimeout, () => Task.FromResult(EarlierServer()), cancel);
        foreach (var endpoint in Annotations.OfType<EndpointAnnotation>())
            await BeforeStart.WaitAsync(PortTimeout, () => Task.FromResult(Listener(endpoint.Port!.Value)), cancel);
        await PrepareAsync(services.GetRequiredService<ResourceLoggerService>().GetLogger(this), cancel);
    }

    // A server whose application was killed ends within seconds. If it doesn't end, its application is still running. Child processes end slightly
    // later than the server and would still block a new one, so every process in the folder counts.
    private string? EarlierServer() => LocalPrograms.FindProcess(WorksHere) is { } process
        ? $"Another server (process {process}) uses {WorkingDirectory}. Perhaps this system runs already; if not, end it with `kill {process}`."
        : null;

    private bool WorksHere(string process) => new FileInfo($"{process}/cwd").LinkTarget is { } folder
        && (folder == WorkingDirectory || folder.StartsWith($"{WorkingDirectory}/", StringComparison.Ordinal));

    private string? Listener(int port) => Array.Exists(IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners(), listener => listener.Port == port)
        ? $"Port {port}, which '{Name}' needs, is in use. End the program that listens there (`ss -ltnp 'sport = :{port}'` names it; perhaps this system runs already)."
        : null;

    // It retries for a while before it reports unhealthy. Aspire checks an unhealthy resource less often, which would delay all resources that wait for
    // the server.
    private async Task<HealthCheckResult> CheckAsync(CancellationToken cancel)
    {
        for (var waited = Stopwatch.StartNew(); ; await Task.Delay(100, cancel))
        {
            try
            {
                await ConnectAsync((await ConnectionStringExpression.GetValueAsync(cancel))!, cancel);
                return HealthCheckResult.Healthy();
            }
            catch (Exception problem) when (problem is not OperationCanceledException)
            {
                if (waited.Elapsed > CheckTimeout)
                    return HealthCheckResult.Unhealthy(problem.Message);
            }
        }
    }
}
