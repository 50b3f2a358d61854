using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace EnergyAspire.Messaging.Tests;

/// <summary>A TCP connection between a process and its server that can be cut and mended.</summary>
public sealed class Cable : IAsyncDisposable
{
    private readonly ConcurrentDictionary<TcpClient, byte> _ends = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _gone = new();
    private readonly (string Host, int Port) _server;
    private readonly Task _accepting;
    private volatile bool _cut;
    private int _refused;

    public Cable(string host, int port, bool cut = false)
    {
        _server = (host, port);
        _cut = cut;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Port of this end.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How many connections were asked for while it was cut.</summary>
    public int Refused => Volatile.Read(ref _refused);

    /// <summary>Drops every connection and, until mended, each new one.</summary>
    public void Cut()
    {
        _cut = true;
        Drop();
    }

    /// <summary>Drops every connection; new ones work.</summary>
    public void Drop()
    {
        foreach (var end in _ends.Keys)
            end.Dispose();
    }

    public void Mend() => _cut = false;

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
            // Cut.
        }
        finally
        {
            _ends.TryRemove(near, out _);
            _ends.TryRemove(far, out _);
            near.Dispose();
        }
    }
}
