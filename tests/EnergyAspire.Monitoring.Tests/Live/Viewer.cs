using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using EnergyAspire.ServiceDefaults.Authentication;
using EnergyAspire.Testing;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;

namespace EnergyAspire.Monitoring.Tests.Live;

/// <summary>A page that watches the hub and remembers what it was told.</summary>
public sealed class Viewer : IAsyncDisposable
{
    private readonly ConcurrentQueue<(long At, JsonElement Devices)> _pushes = new();

    private Viewer(HubConnection connection)
    {
        Connection = connection;
        connection.On<JsonElement>("devices", devices => _pushes.Enqueue((Stopwatch.GetTimestamp(), devices)));
        connection.On<JsonElement>("alert", Alerts.Enqueue);
        connection.Closed += _ =>
        {
            IsClosed = true;
            return Task.CompletedTask;
        };
    }

    public HubConnection Connection { get; }

    public ConcurrentQueue<JsonElement> Alerts { get; } = new();

    public bool IsClosed { get; private set; }

    public int Pushes => _pushes.Count;

    public static Task<Viewer> ConnectAsync(ServiceHost<Program> service, Guid account, string role = Roles.Client) =>
        ConnectAsync(service, TestTokens.ForAccount(account, "viewer", role));

    /// <summary>Connects as a browser does, by a WebSocket without negotiation, and waits for the first push if one must come.</summary>
    public static async Task<Viewer> ConnectAsync(ServiceHost<Program> service, string token, bool isShown = true)
    {
        var viewer = new Viewer(new HubConnectionBuilder()
            .WithUrl(new Uri(service.Server.BaseAddress, "/api/monitoring/live"), options =>
            {
                options.SkipNegotiation = true;
                options.Transports = HttpTransportType.WebSockets;
                options.WebSocketFactory = async (socket, cancel) =>
                {
                    var client = service.Server.CreateWebSocketClient();
                    client.ConfigureRequest = request => request.Headers.Authorization = $"Bearer {token}";
                    return await client.ConnectAsync(socket.Uri, cancel);
                };
            })
            .Build());
        await viewer.Connection.StartAsync();
        if (isShown)
            await Eventually.TrueAsync(() => Task.FromResult(viewer.Pushes > 0), "the viewer is shown its devices");

        return viewer;
    }

    public Task WatchAsync(params Guid[] devices) => Connection.InvokeAsync("Watch", devices);

    /// <summary>What the viewer was told of a device, and when.</summary>
    public List<(TimeSpan At, JsonElement State)> Of(Guid device) =>
    [
        .. from push in _pushes
           from state in push.Devices.EnumerateArray()
           where state.GetProperty("device_id").GetGuid() == device
           select (TimeSpan.FromSeconds((double)push.At / Stopwatch.Frequency), state),
    ];

    /// <summary>Waits until the viewer is told of a reading, and returns the state of its device.</summary>
    public async Task<JsonElement> SeesAsync(Guid device, DateTimeOffset timestamp, TimeSpan? deadline = null) => await Eventually.GetAsync(
        () => Task.FromResult(Of(device).LastOrDefault().State),
        state => state.ValueKind == JsonValueKind.Object && state.GetProperty("timestamp").GetDateTimeOffset() == timestamp,
        $"the reading of {timestamp:O} is seen", deadline);

    public Task IsClosedAsync(TimeSpan? deadline = null) => Eventually.TrueAsync(() => Task.FromResult(IsClosed), "the connection is closed", deadline);

    public ValueTask DisposeAsync() => Connection.DisposeAsync();
}
