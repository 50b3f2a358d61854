using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace EnergyAspire.Messaging.Tests;

/// <summary>Remembers the ids of what a process logs.</summary>
public sealed class HeardLog : ILoggerProvider, ILogger
{
    public ConcurrentQueue<int> Events { get; } = new();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Events.Enqueue(eventId.Id);

    public void Dispose()
    {
    }
}
