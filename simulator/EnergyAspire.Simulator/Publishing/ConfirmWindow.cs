using EnergyAspire.Simulator.Traffic;

namespace EnergyAspire.Simulator.Publishing;

/// <summary>Sent messages that the broker hasn't confirmed yet. Confirms are processed in the order of sending.</summary>
/// <param name="size">Most unconfirmed messages.</param>
/// <param name="confirmed">Called once for each message, when it and all earlier ones are confirmed.</param>
internal sealed class ConfirmWindow(int size, Action<Message> confirmed)
{
    private readonly Queue<(Message Message, Task Confirmation)> _underWay = new(size);

    /// <summary>Number of unconfirmed messages.</summary>
    public int Count => _underWay.Count;

    /// <summary>Readings that were sent again.</summary>
    public long SentAgain { get; private set; }

    /// <summary>
    /// Sends a message and adds it to the window. The task of <paramref name="send"/> completes with the broker's confirm; the call itself must not
    /// throw.
    /// </summary>
    public void Send(Message message, Func<Message, Task> send) => _underWay.Enqueue((message, send(message)));

    /// <summary>Sends the unconfirmed messages again, in their order, after a lost connection.</summary>
    public void Resume(Func<Message, Task> send)
    {
        var interrupted = _underWay.ToArray();
        _underWay.Clear();
        foreach (var (message, confirmation) in interrupted)
        {
            if (confirmation.IsCompletedSuccessfully)
            {
                _underWay.Enqueue((message, confirmation));
                continue;
            }

            SentAgain += message.Readings.Count;
            Send(message, send);
        }
    }

    /// <summary>Waits until one more message fits into the window.</summary>
    public Task WaitForRoomAsync() => SettleAsync(size - 1);

    /// <summary>Waits until all messages are confirmed.</summary>
    public Task WaitForAllAsync() => SettleAsync(0);

    private async Task SettleAsync(int left)
    {
        while (_underWay.Count > left)
        {
            await _underWay.Peek().Confirmation;
            confirmed(_underWay.Dequeue().Message);
        }
    }
}
