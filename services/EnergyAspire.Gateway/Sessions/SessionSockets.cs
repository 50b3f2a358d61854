using System.Collections.Concurrent;

namespace EnergyAspire.Gateway.Sessions;

/// <summary>
/// Closes the sockets of sessions that end. A socket is let through once, by a token that outlives the sign-out, so the gateway closes
/// it: at once where the sign-out came, and within a second at replicas, which hear of it by <see cref="SessionEnds"/>.
/// </summary>
public sealed class SessionSockets(SessionEnds ends, TimeProvider time, IHostApplicationLifetime host) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<HttpContext, Guid> _sockets = new();

    /// <summary>Remembers a request that opens a socket by a session, until it is disposed of.</summary>
    public IDisposable? Track(HttpContext http)
    {
        if (http.Request.Headers.Upgrade.Count == 0 && !HttpMethods.IsConnect(http.Request.Method))
            return null;

        _sockets[http] = http.Features.Get<Session>()!.Id;
        // The process would wait for it otherwise.
        var stopping = host.ApplicationStopping.Register(http.Abort);
        return new Tracked(() =>
        {
            stopping.Dispose();
            _sockets.TryRemove(http, out _);
        });
    }

    /// <summary>Closes all sockets of a session that has ended.</summary>
    public void Close(Guid session)
    {
        foreach (var (http, _) in _sockets.Where(socket => socket.Value == session))
            http.Abort();
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var session in _sockets.Values.Distinct().Where(ends.HasEnded))
                Close(session);
        }
    }

    private sealed class Tracked(Action forget) : IDisposable
    {
        public void Dispose() => forget();
    }
}
