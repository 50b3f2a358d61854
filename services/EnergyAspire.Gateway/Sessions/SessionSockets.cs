using System.Collections.Concurrent;

namespace EnergyAspire.Gateway.Sessions;

/// <summary>
/// Closes the WebSockets of sessions that end. A socket is authorized only when it opens, by a token that is valid beyond the sign-out. So the
/// gateway closes it: at once in the replica that handles the sign-out, and within a second in the others, which learn of it by
/// <see cref="SessionEnds"/>.
/// </summary>
public sealed class SessionSockets(SessionEnds ends, TimeProvider time, IHostApplicationLifetime host) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<HttpContext, Guid> _sockets = new();

    /// <summary>Registers a request that opens a socket by a session, until the result is disposed.</summary>
    public IDisposable? Track(HttpContext http)
    {
        if (http.Request.Headers.Upgrade.Count == 0 && !HttpMethods.IsConnect(http.Request.Method))
            return null;

        _sockets[http] = http.Features.Get<Session>()!.Id;
        // Otherwise the process would wait for the socket when it stops.
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
            foreach (var session in _sockets.Values.Distinct())
            {
                if (await ends.HasEndedAsync(session))
                    Close(session);
            }
        }
    }

    private sealed class Tracked(Action forget) : IDisposable
    {
        public void Dispose() => forget();
    }
}
