namespace EnergyAspire.Messaging;

/// <summary>Wakes one who waits; set several times before, it wakes once.</summary>
public sealed class Signal : IDisposable
{
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _set = new(0, 1);

    /// <summary>Wakes who waits now or next.</summary>
    public void Set()
    {
        lock (_lock)
        {
            if (_set.CurrentCount == 0)
                _set.Release();
        }
    }

    /// <summary>Waits until it is set, or this long.</summary>
    public Task WaitAsync(TimeSpan longest, CancellationToken cancel) => _set.WaitAsync(longest, cancel);

    /// <inheritdoc />
    public void Dispose() => _set.Dispose();
}
