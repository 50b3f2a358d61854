using System.Globalization;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.SignalR;

namespace EnergyAspire.Monitoring.Live;

/// <summary>A connection that is told of devices. Which it may see is asked anew at every push.</summary>
internal sealed class LiveWatcher(HubCallerContext connection)
{
    private const int MostAlerts = 100;

    private volatile HashSet<Guid>? _asked;
    private bool _wantsAll = true;
    private Task _sending = Task.CompletedTask;

    public string ConnectionId => connection.ConnectionId;

    public Guid AccountId { get; } = Guid.TryParse(connection.User?.FindFirst("sub")?.Value, out var id) ? id : Guid.Empty;

    public bool IsAdmin { get; } = connection.User?.IsInRole(Roles.Admin) ?? false;

    /// <summary>Generation of the token that opened the connection.</summary>
    public long TokenGeneration { get; } =
        long.TryParse(connection.User?.FindFirst(TokenConventions.Generation)?.Value, CultureInfo.InvariantCulture, out var generation) ? generation : 0;

    /// <summary>Devices to tell of, each with a time at which it has a reading.</summary>
    /// <remarks>Only the loop of <see cref="LivePusher"/> uses this, <see cref="DueAlerts"/>, <see cref="Note"/> and <see cref="Send"/>, so they take no lock.</remarks>
    public Dictionary<Guid, DateTimeOffset> Due { get; } = [];

    /// <summary>Alerts to tell of.</summary>
    public Queue<LiveAlert> DueAlerts { get; } = [];

    /// <summary>Whether the connection hasn't taken the last push yet. What is due waits meanwhile, each device once.</summary>
    public bool IsBusy => !_sending.IsCompleted;

    /// <summary>Narrows the devices to these, and shows them.</summary>
    public void Ask(IEnumerable<Guid> devices)
    {
        _asked = [.. devices];
        ShowAll();
    }

    /// <summary>Has the connection told of all its devices, whether anything happened or not.</summary>
    public void ShowAll() => Volatile.Write(ref _wantsAll, true);

    /// <summary>Takes what <see cref="ShowAll"/> asked for.</summary>
    public bool TakeShowAll() => Interlocked.Exchange(ref _wantsAll, false);

    /// <summary>Whether the connection is to be told of a device.</summary>
    /// <param name="device">Device.</param>
    /// <param name="mapped">Devices that are mapped to the account.</param>
    public bool Wants(Guid device, HashSet<Guid> mapped) => (_asked?.Contains(device) ?? true) && MaySee(device, mapped);

    /// <summary>Whether the account may see a device.</summary>
    public bool MaySee(Guid device, HashSet<Guid> mapped) => IsAdmin || mapped.Contains(device);

    /// <summary>Returns all devices that the connection is to be told of; of an admin those asked for, because all would be too much at once.</summary>
    public IEnumerable<Guid> All(HashSet<Guid> mapped) => IsAdmin ? _asked ?? [] : mapped.Where(device => Wants(device, mapped));

    /// <summary>Notes what happened and concerns the connection.</summary>
    public void Note(LiveBatch batch, HashSet<Guid> mapped)
    {
        if (IsAdmin && _asked is null)
        {
            foreach (var (device, timestamp) in batch.Devices)
                Due[device] = timestamp;
        }
        else if (batch.Devices.Count > 0)
        {
            foreach (var device in All(mapped))
            {
                if (batch.Devices.TryGetValue(device, out var timestamp))
                    Due[device] = timestamp;
            }
        }

        foreach (var alert in batch.Alerts.Where(alert => MaySee(alert.DeviceId, mapped)))
        {
            if (DueAlerts.Count == MostAlerts)
                DueAlerts.Dequeue();
            DueAlerts.Enqueue(alert);
        }
    }

    /// <summary>Begins a push of what was due, which must have been copied: what happens from now on is due at the next one.</summary>
    /// <param name="send">Sends it, and never fails.</param>
    public void Send(Func<Task> send)
    {
        Due.Clear();
        DueAlerts.Clear();
        _sending = send();
    }

    /// <summary>Closes the connection.</summary>
    public void Disconnect() => connection.Abort();
}
