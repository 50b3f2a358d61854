using EnergyAspire.Simulator.Traffic;

namespace EnergyAspire.Simulator.Publishing;

/// <summary>Messages that were sent and that the broker hasn't confirmed yet. They are settled in the order they were sent.</summary>
/// <param name="size">Most messages under way.</param>
/// <param name="confirmed">Told of each message once, when it and all before it are confirmed.</param>
internal sealed class ConfirmWindow(int size, Action<Message> confirmed)
{
    private readonly Queue<(Message Message, Task Confirmation)> _underWay = new(size);

    /// <summary>Messages under way.</summary>
    public int Count => _underWay.Count;

    /// <summary>Readings that were sent again.</summary>
    public long SentAgain { get; private set; }

    /// <summary>Takes a message under way; <paramref name="send"/> completes with the broker's confirmation and never throws by itself.</summary>
    public void Send(Message message, Func<Message, Task> send) => _underWay.Enqueue((message, send(message)));

    /// <summary>Sends again, in their order, what a lost connection left unconfirmed.</summary>
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

    /// <summary>Waits until one more message may be sent.</summary>
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
