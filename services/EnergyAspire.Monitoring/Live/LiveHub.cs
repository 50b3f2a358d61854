using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.SignalR;

namespace EnergyAspire.Monitoring.Live;

/// <summary>
/// Pushes live updates to browsers: <c>devices</c> with the current state of devices (<see cref="LiveDevice"/>), at most twice a second for each, and
/// <c>alert</c>. A client's connection gets the devices that are mapped to its account at that moment, an admin's gets all.
/// </summary>
[Authorize]
internal sealed class LiveHub(LiveWatchers watchers) : Hub
{
    private const int MostDevices = 1000;

    /// <summary>Sends a client the state of all their devices. An admin gets states at once only for devices passed to <see cref="Watch"/>.</summary>
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

    /// <summary>Limits this connection to these devices and sends their state. Devices that the account may not see are silently left out.</summary>
    /// <exception cref="HubException">There are too many ids.</exception>
    public void Watch(Guid[] deviceIds)
    {
        if (deviceIds.Length > MostDevices)
            throw new HubException($"A connection can watch {MostDevices} devices.");

        watchers.Ask(Context.ConnectionId, deviceIds);
    }
}
