using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace EnergyAspire.Gateway.Sessions;

/// <summary>
/// Remembers sessions that were signed out for as long as their cookies live: by marks in the keys folder, which replicas share, so that
/// a copy of the cookie opens nothing even if Identity was away when they ended. Without a folder each process remembers its own.
/// </summary>
public sealed class SessionEnds(IOptions<GatewayOptions> options, ILogger<SessionEnds> logger)
{
    private static readonly TimeSpan ForgetInterval = TimeSpan.FromHours(1);

    private readonly string? _folder = options.Value.KeysFolder is { Length: > 0 } keys ? Path.Combine(keys, "ended") : null;
    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _ended = new();
    private DateTimeOffset _forgottenAt = DateTimeOffset.MinValue;

    /// <summary>Whether a session was signed out here or at a replica.</summary>
    public bool HasEnded(Guid session) => _ended.ContainsKey(session) || (_folder is not null && File.Exists(MarkOf(session)));

    /// <summary>Notes the end of a session. One from before sessions had ids can't be noted.</summary>
    /// <remarks>When the folder can't be written to, only this process knows of the end, and an error is logged.</remarks>
    public void End(Guid session)
    {
        if (session == Guid.Empty)
            return;

        // Files have the times of the file system.
        var now = TimeProvider.System.GetUtcNow();
        _ended[session] = now;
        try
        {
            if (_folder is not null)
            {
                Directory.CreateDirectory(_folder);
                File.WriteAllBytes(MarkOf(session), []);
            }

            if (now - _forgottenAt > ForgetInterval)
                Forget(now);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            GatewayLog.EndNotNoted(logger, failure.Message);
        }
    }

    private void Forget(DateTimeOffset now)
    {
        _forgottenAt = now;
        var past = now - SessionCookie.Life;
        foreach (var ended in _ended.Where(ended => ended.Value < past))
            _ended.TryRemove(ended);
        if (_folder is null)
            return;

        foreach (var mark in new DirectoryInfo(_folder).EnumerateFiles().Where(mark => mark.LastWriteTimeUtc < past.UtcDateTime))
            mark.Delete();
    }

    private string MarkOf(Guid session) => Path.Combine(_folder!, session.ToString("N"));
}
