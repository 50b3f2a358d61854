using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.SignalR;

namespace EnergyAspire.Monitoring.Live;

/// <summary>
/// Tells browsers of readings as they come: <c>devices</c> with where devices stand (<see cref="LiveDevice"/>), at most twice a second for
/// each, and <c>alert</c>. A client's connection is told of the devices that are mapped to its account at that moment, an admin's of all.
/// </summary>
[Authorize]
internal sealed class LiveHub(LiveWatchers watchers) : Hub
{
    private const int MostDevices = 1000;

    /// <summary>Shows a client all their devices; an admin has to <see cref="Watch"/> for that.</summary>
    /// <exception cref="HubException">The account has too many connections.</exception>
    public override Task OnConnectedAsync()
    {
        if (!watchers.TryAdd(new LiveWatcher(Context)))
            throw new HubException($"An account may have {LiveWatchers.MostOfAnAccount} live connections.");

        return base.OnConnectedAsync();
    }

    /// <inheritdoc />
    public override Task OnDisconnectedAsync(Exception? exception)
    {
        watchers.Remove(Context.ConnectionId);
        return base.OnDisconnectedAsync(exception);
    }

    /// <summary>Narrows what this connection is told of to these devices, and shows them. Those that it may not see are silently absent.</summary>
    /// <exception cref="HubException">They are too many.</exception>
    public void Watch(Guid[] deviceIds)
    {
        if (deviceIds.Length > MostDevices)
            throw new HubException($"A connection can watch {MostDevices} devices.");

        watchers.Ask(Context.ConnectionId, deviceIds);
    }
}
