using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace EnergyAspire.Gateway.Sessions;

/// <summary>
/// Closes the sockets of sessions that end. A socket is let through once, by a token that outlives the sign-out, so the gateway closes
/// it: at once where the sign-out came, and within a second at replicas, which find its mark in the keys folder.
/// </summary>
public sealed class SessionSockets(IOptions<GatewayOptions> options, TimeProvider time, IHostApplicationLifetime host) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // Long after every replica has seen it.
    private static readonly TimeSpan MarkLife = TimeSpan.FromHours(1);

    private readonly string? _folder = options.Value.KeysFolder is { Length: > 0 } keys ? Path.Combine(keys, "ended") : null;
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

    /// <summary>Closes all sockets of a session.</summary>
    public void Close(Session session)
    {
        if (session.Id == Guid.Empty)
            return;

        if (_folder is not null)
        {
            Directory.CreateDirectory(_folder);
            File.WriteAllBytes(MarkOf(session.Id), []);
            Forget();
        }

        Abort(session.Id);
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_folder is null)
            return;

        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var session in _sockets.Values.Distinct().Where(session => File.Exists(MarkOf(session))))
                Abort(session);
        }
    }

    private void Abort(Guid session)
    {
        foreach (var (http, _) in _sockets.Where(socket => socket.Value == session))
            http.Abort();
    }

    private void Forget()
    {
        // Files have the times of the file system.
        var past = TimeProvider.System.GetUtcNow() - MarkLife;
        foreach (var mark in new DirectoryInfo(_folder!).EnumerateFiles().Where(mark => mark.LastWriteTimeUtc < past.UtcDateTime))
            mark.Delete();
    }

    private string MarkOf(Guid session) => Path.Combine(_folder!, session.ToString("N"));

    private sealed class Tracked(Action forget) : IDisposable
    {
        public void Dispose() => forget();
    }
}
