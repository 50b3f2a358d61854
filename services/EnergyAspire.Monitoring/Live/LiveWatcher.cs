using System.Globalization;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.SignalR;

namespace EnergyAspire.Monitoring.Live;

/// <summary>A live connection and what is due for it. Its access rights are passed in at every push, not kept.</summary>
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

    /// <summary>Devices to push, each with a timestamp at which it has a reading.</summary>
    /// <remarks>
    /// Not synchronized: only the loop of <see cref="LivePusher"/> uses this, <see cref="DueAlerts"/>, <see cref="Note"/> and <see cref="Send"/>.
    /// </remarks>
    public Dictionary<Guid, DateTimeOffset> Due { get; } = [];

    /// <summary>Alerts to push, the oldest first.</summary>
    public Queue<LiveAlert> DueAlerts { get; } = [];

    /// <summary>Whether the last push is still being sent. Meanwhile due changes are collected, each device once.</summary>
    public bool IsBusy => !_sending.IsCompleted;

    /// <summary>Limits the connection to these devices and schedules a push of them.</summary>
    public void Ask(IEnumerable<Guid> devices)
    {
        _asked = [.. devices];
        ShowAll();
    }

    /// <summary>Schedules a push of all the connection's devices, changed or not.</summary>
    public void ShowAll() => Volatile.Write(ref _wantsAll, true);

    /// <summary>Returns whether <see cref="ShowAll"/> was called since the last call, and resets it.</summary>
    public bool TakeShowAll() => Interlocked.Exchange(ref _wantsAll, false);

    /// <summary>Whether a device is pushed to the connection.</summary>
    /// <param name="device">Device.</param>
    /// <param name="mapped">Devices that are mapped to the account, each with the first hour that it may see.</param>
    public bool Wants(Guid device, Dictionary<Guid, DateTimeOffset> mapped) => (_asked?.Contains(device) ?? true) && (IsAdmin || mapped.ContainsKey(device));

    /// <summary>Whether the account may see an hour of a device.</summary>
    public bool MaySee(Guid device, DateTimeOffset hour, Dictionary<Guid, DateTimeOffset> mapped) =>
        IsAdmin || (mapped.TryGetValue(device, out var since) && hour >= since);

    /// <summary>
    /// Returns all devices of the connection. For an admin these are only the requested ones, because all devices would be too many for one push.
    /// </summary>
    public IEnumerable<Guid> All(Dictionary<Guid, DateTimeOffset> mapped) => IsAdmin ? _asked ?? [] : mapped.Keys.Where(device => Wants(device, mapped));

    /// <summary>Marks the changes that concern the connection as due.</summary>
    public void Note(LiveBatch batch, Dictionary<Guid, DateTimeOffset> mapped)
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

        foreach (var alert in batch.Alerts.Where(alert => MaySee(alert.DeviceId, alert.HourStart, mapped)))
        {
            if (DueAlerts.Count == MostAlerts)
                DueAlerts.Dequeue();
            DueAlerts.Enqueue(alert);
        }
    }

    /// <summary>Clears what is due and starts a push. The caller must have copied the due changes before.</summary>
    /// <param name="send">Sends the push; must not throw.</param>
    public void Send(Func<Task> send)
    {
        Due.Clear();
        DueAlerts.Clear();
        _sending = send();
    }

    /// <summary>Closes the connection.</summary>
    public void Disconnect() => connection.Abort();
}
