using System.Collections;

namespace EnergyAspire.Testing;

/// <summary>Waits for conditions by polling with a deadline.</summary>
public static class Eventually
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    /// <summary>Waits until a condition holds.</summary>
    /// <exception cref="TimeoutException">The condition didn't hold within the deadline.</exception>
    public static async Task TrueAsync(Func<Task<bool>> condition, string description, TimeSpan? deadline = null)
    {
        using var timeout = new CancellationTokenSource(deadline ?? Deadline);
        while (!await condition())
        {
            if (timeout.IsCancellationRequested)
                throw new TimeoutException($"Not within {deadline ?? Deadline}: {description}.");
            await Task.Delay(Interval, CancellationToken.None);
        }
    }

    /// <summary>Waits until a value is as expected, and returns it. Otherwise the exception holds the last value.</summary>
    /// <exception cref="TimeoutException">The value wasn't as expected within the deadline.</exception>
    public static async Task<T> GetAsync<T>(Func<Task<T>> read, Func<T, bool> expected, string description, TimeSpan? deadline = null)
    {
        T value = default!;
        try
        {
            await TrueAsync(async () => expected(value = await read()), description, deadline);
        }
        catch (TimeoutException timeout)
        {
            throw new TimeoutException($"Not within {deadline ?? Deadline}: {description}. Last: {Text(value)}", timeout);
        }

        return value;
    }

    private static object? Text(object? value) => value is IEnumerable items and not string ? $"[{string.Join(", ", items.Cast<object>())}]" : value;
}
