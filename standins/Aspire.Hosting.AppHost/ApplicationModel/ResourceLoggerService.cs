using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

public readonly record struct LogLine(int LineNumber, string Content, bool IsErrorMessage);

/// <summary>Console lines of each resource: its programs' output and what the host says of it.</summary>
public sealed class ResourceLoggerService
{
    private const int Backlog = 10_000;
    private readonly ConcurrentDictionary<string, Lines> _lines = new(StringComparer.OrdinalIgnoreCase);

    public ILogger GetLogger(IResource resource) => GetLogger(resource.Name);

    public ILogger GetLogger(string resourceName) => new ResourceLogger(Of(resourceName));

    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(IResource resource) => WatchAsync(resource.Name);

    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(string resourceName) => Of(resourceName).WatchAsync(CancellationToken.None);

    internal IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(string resourceName, CancellationToken cancel) => Of(resourceName).WatchAsync(cancel);

    /// <summary>What is known already, without waiting for more.</summary>
    internal IReadOnlyList<LogLine> Known(string resourceName) => Of(resourceName).Known();

    /// <summary>Adds a line as the engine gives it: an RFC 3339 time, a space, the text.</summary>
    internal void Add(string resourceName, string line, bool isError) => Of(resourceName).Add(line, isError);

    private Lines Of(string name) => _lines.GetOrAdd(name, _ => new Lines());

    private sealed class Lines
    {
        private readonly Queue<LogLine> _kept = new();
        private readonly List<ChannelWriter<LogLine>> _subscribers = [];
        private int _count;

        public void Add(string text, bool isError)
        {
            lock (_kept)
            {
                var line = new LogLine(++_count, text, isError);
                _kept.Enqueue(line);
                if (_kept.Count > Backlog)
                    _kept.Dequeue();
                foreach (var subscriber in _subscribers)
                    subscriber.TryWrite(line);
            }
        }

        public IReadOnlyList<LogLine> Known()
        {
            lock (_kept)
                return [.. _kept];
        }

        public async IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync([EnumeratorCancellation] CancellationToken cancel)
        {
            var channel = Channel.CreateUnbounded<LogLine>();
            IReadOnlyList<LogLine> known;
            lock (_kept)
            {
                known = [.. _kept];
                _subscribers.Add(channel.Writer);
            }

            try
            {
                if (known.Count > 0)
                    yield return known;
                while (await channel.Reader.WaitToReadAsync(cancel))
                {
                    var batch = new List<LogLine>();
                    while (batch.Count < 1000 && channel.Reader.TryRead(out var line))
                        batch.Add(line);
                    yield return batch;
                }
            }
            finally
            {
                lock (_kept)
                    _subscribers.Remove(channel.Writer);
            }
        }
    }

    private sealed class ResourceLogger(Lines lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var text = formatter(state, exception) + (exception is null ? "" : $": {exception.Message}");
            lines.Add($"{DateTime.UtcNow:yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {text}", logLevel >= LogLevel.Warning);
        }
    }
}

internal static class LoggerExtensions
{
    // The texts are for people reading one resource's console, so they have no template to search by.
#pragma warning disable CA2254, CA1848
    public static void Detail(this ILogger logger, string text) => logger.LogDebug(text);

    public static void Info(this ILogger logger, string text) => logger.LogInformation(text);

    public static void Warn(this ILogger logger, string text) => logger.LogWarning(text);

    public static void Fail(this ILogger logger, string text) => logger.LogError(text);
#pragma warning restore CA2254, CA1848
}
