namespace EnergyAspire.Messaging;

/// <summary>An auto-reset event for asynchronous code. Setting it several times before a wait releases that wait once.</summary>
public sealed class Signal : IDisposable
{
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _set = new(0, 1);

    /// <summary>Releases the current or the next wait.</summary>
    public void Set()
    {
        lock (_lock)
        {
            if (_set.CurrentCount == 0)
                _set.Release();
        }
    }

    /// <summary>Waits until it is set, at most this long.</summary>
    public Task WaitAsync(TimeSpan longest, CancellationToken cancel) => _set.WaitAsync(longest, cancel);

    /// <inheritdoc />
    public void Dispose() => _set.Dispose();
}
