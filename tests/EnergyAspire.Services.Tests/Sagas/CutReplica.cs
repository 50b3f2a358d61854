using EnergyAspire.Identity;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using Npgsql;

namespace EnergyAspire.Services.Tests.Sagas;

/// <summary>
/// A replica of Identity in the tests' process. It reaches the database, the broker and the other services only by cables. Its death cuts all of
/// them, so that nothing of it arrives anywhere any more; a new replica is another instance, which knows what the database holds and nothing else.
/// </summary>
public sealed class CutReplica : IReplica, IAsyncDisposable
{
    private static readonly TimeSpan LongLease = TimeSpan.FromMinutes(2);

    private readonly List<Cable> _cables = [];
    private readonly CancellationTokenSource _death = new();
    private readonly Relay _users;
    private readonly Relay _devices;
    private readonly ServiceHost<IdentitySettings> _host;
    private Task? _end;

    private CutReplica(ServiceSystem system, Relay users, Relay devices, TimeSpan? deadline, TimeSpan? stepTimeout)
    {
        (_users, _devices) = (users, devices);
        var database = new NpgsqlConnectionStringBuilder(system.AuthDatabase);
        // A pool belongs to a connection string, so each replica has one of its own.
        (database.Host, database.Port) = ("127.0.0.1", Through(database.Host!, database.Port));
        var broker = new UriBuilder(system.Servers.BrokerOf(ResourceNames.Identity));
        (broker.Host, broker.Port) = ("127.0.0.1", Through(broker.Host, broker.Port));

        _host = system.CreateIdentity(new Dictionary<string, string?>
        {
            [$"ConnectionStrings:{ResourceNames.AuthDatabase}"] = database.ConnectionString,
            [$"ConnectionStrings:{ResourceNames.Messaging}"] = broker.Uri.ToString(),
            ["services:identity:http:0"] = ThroughTo(system.Identity.Address),
            // A cable to a relay that doesn't listen takes calls and drops them; a test that stops relays wants them refused.
            ["services:users:http:0"] = deadline is null ? ThroughTo(users.Address) : users.Address,
            ["services:devices:http:0"] = deadline is null ? ThroughTo(devices.Address) : devices.Address,
            // The test says when it has run out, and no other replica takes the saga over before.
            ["Sagas:Lease"] = $"{LongLease}",
            ["Sagas:StepTimeout"] = $"{stepTimeout ?? TimeSpan.FromSeconds(20)}",
            ["Sagas:Deadline"] = $"{deadline ?? TimeSpan.FromMinutes(1)}",
        });
        Client = _host.CreateDefaultClient(new Mortality(_death.Token));
    }

    public HttpClient Client { get; }

    public Relay Users => _users;

    public Relay Devices => _devices;

    /// <summary>Starts one and waits until it is ready.</summary>
    /// <param name="deadline">How long it tries steps that fail; it isn't one to die then, and its calls go straight to its relays.</param>
    /// <param name="stepTimeout">How long a service may take to answer it.</param>
    public static async Task<CutReplica> StartAsync(ServiceSystem system, TimeSpan? deadline = null, TimeSpan? stepTimeout = null)
    {
        var (users, devices) = (system.Users.Beside(), system.Devices.Beside());
        await users.StartAsync();
        await devices.StartAsync();
        var replica = new CutReplica(system, users, devices, deadline, stepTimeout);
        await replica._host.WaitUntilReadyAsync();

        return replica;
    }

    public void Kill()
    {
        foreach (var cable in _cables)
            cable.Cut();
        _death.Cancel();
        // Cut off it can put nothing in order any more; ended it doesn't try for ever.
        _end ??= Task.Run(EndAsync);
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        await _end!;
        Client.Dispose();
        await _users.DisposeAsync();
        await _devices.DisposeAsync();
        foreach (var cable in _cables)
            await cable.DisposeAsync();
        _death.Dispose();
    }

    private async Task EndAsync()
    {
        try
        {
            await _host.DisposeAsync();
        }
        catch (Exception failure) when (IsCutOff(failure))
        {
            // It ends without grace, so some of its work is cancelled or finds its services disposed. Nothing else may fail, although it reaches nothing any more.
        }
    }

    private static bool IsCutOff(Exception failure) =>
        failure is OperationCanceledException or ObjectDisposedException || (failure is AggregateException all && all.InnerExceptions.All(IsCutOff));

    private int Through(string host, int port)
    {
        var cable = new Cable(host, port);
        _cables.Add(cable);

        return cable.Port;
    }

    private string ThroughTo(string address) => $"http://127.0.0.1:{Through(new Uri(address).Host, new Uri(address).Port)}";

    /// <summary>Callers lose their connection when the replica dies.</summary>
    private sealed class Mortality(CancellationToken death) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(death, cancellationToken);
            try
            {
                return await base.SendAsync(request, either.Token).WaitAsync(either.Token);
            }
            catch (OperationCanceledException failure) when (death.IsCancellationRequested)
            {
                throw new HttpRequestException("The replica has died.", failure);
            }
        }
    }
}
