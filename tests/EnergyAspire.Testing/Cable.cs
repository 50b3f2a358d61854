using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace EnergyAspire.Testing;

/// <summary>TCP proxy between a process and its server. It can drop and refuse connections to simulate network failures.</summary>
public sealed class Cable : IAsyncDisposable
{
    private readonly ConcurrentDictionary<TcpClient, byte> _ends = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _gone = new();
    private readonly (string Host, int Port) _server;
    private readonly Task _accepting;
    private volatile bool _cut;
    private int _refused;

    /// <summary>Starts the proxy on a free port.</summary>
    /// <param name="host">Host of the server.</param>
    /// <param name="port">Port of the server.</param>
    /// <param name="cut">Whether it refuses connections from the start.</param>
    public Cable(string host, int port, bool cut = false)
    {
        _server = (host, port);
        _cut = cut;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Port that the proxy listens on.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Number of connections that were refused.</summary>
    public int Refused => Volatile.Read(ref _refused);

    /// <summary>Drops every connection, and refuses new ones until <see cref="Mend"/>.</summary>
    public void Cut()
    {
        _cut = true;
        Drop();
    }

    /// <summary>Drops every connection. New ones are accepted.</summary>
    public void Drop()
    {
        foreach (var end in _ends.Keys)
            end.Dispose();
    }

    /// <summary>Accepts new connections again.</summary>
    public void Mend() => _cut = false;

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _gone.CancelAsync();
        Cut();
        _listener.Dispose();
        await _accepting;
        _gone.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_gone.IsCancellationRequested)
        {
            try
            {
                _ = CarryAsync(await _listener.AcceptTcpClientAsync(_gone.Token));
            }
            catch (Exception failure) when (failure is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task CarryAsync(TcpClient near)
    {
        using var far = new TcpClient();
        try
        {
            _ends[near] = _ends[far] = 0;
            if (_cut)
            {
                Interlocked.Increment(ref _refused);
                return;
            }

            await far.ConnectAsync(_server.Host, _server.Port, _gone.Token);
            await Task.WhenAny(
                near.GetStream().CopyToAsync(far.GetStream(), _gone.Token), far.GetStream().CopyToAsync(near.GetStream(), _gone.Token));
        }
        catch (Exception failure) when (failure is IOException or SocketException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
        {
            // The connection was dropped.
        }
        finally
        {
            _ends.TryRemove(near, out _);
            _ends.TryRemove(far, out _);
            near.Dispose();
        }
    }
}
