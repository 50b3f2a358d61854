namespace EnergyAspire.Simulator.Gateway;

/// <summary>Creates the devices of a fleet in the system.</summary>
public static class Registration
{
    private const int AtOnce = 4;
    private const decimal MaxConsumptionKwh = 10;

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Creates devices, as an admin, until a file has the given number of them, and adds each to the file after its creation. Then it waits until
    /// Monitoring knows all devices: earlier readings would be quarantined and replayed in no defined order. After a cancellation the file holds all
    /// devices that were created.
    /// </summary>
    /// <param name="path">Devices file. Devices that it already has are counted.</param>
    /// <param name="count">Total number of devices.</param>
    /// <param name="timeZones">IANA zones that the devices take in turn.</param>
    /// <param name="intervalSeconds">Seconds between two readings.</param>
    /// <returns>How many were created.</returns>
    public static async Task<int> RegisterAsync(
        GatewayClient gateway, string path, int count, IReadOnlyList<string> timeZones, int intervalSeconds, CancellationToken cancel)
    {
        var known = File.Exists(path) && new FileInfo(path).Length > 0 ? DevicesFile.Read(path).Count : 0;
        using var file = new SemaphoreSlim(1);

        var atOnce = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel };
        await Parallel.ForAsync(known, Math.Max(known, count), atOnce, async (number, _) =>
        {
            // Not cancellable, because a device that was created must be in the file.
            var zone = timeZones[number % timeZones.Count];
            var created = await gateway.PostAsync<CreateResponse>(
                "/api/devices",
                new
                {
                    name = $"Simulated meter {number + 1:D5}",
                    description = "Of the simulator",
                    max_consumption = MaxConsumptionKwh,
                    time_zone = zone,
                    reporting_interval_seconds = intervalSeconds,
                },
                CancellationToken.None);

            await file.WaitAsync(CancellationToken.None);
            try
            {
                await DevicesFile.AppendAsync(path, new RegisteredDevice(created.Device.Id, zone, intervalSeconds), CancellationToken.None);
            }
            finally
            {
                file.Release();
            }
        });

        await WaitUntilMonitoredAsync(gateway, DevicesFile.Read(path), cancel);
        return Math.Max(0, count - known);
    }

    private static async Task WaitUntilMonitoredAsync(GatewayClient gateway, IReadOnlyList<RegisteredDevice> devices, CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(LookInterval);
        do
        {
            var monitored = (await gateway.ListAsync<Device>("/api/monitoring/devices?limit=1000", cancel)).Select(device => device.Id).ToHashSet();
            if (devices.All(device => monitored.Contains(device.DeviceId)))
                return;
        }
        while (await timer.WaitForNextTickAsync(cancel));
    }

    private sealed record CreateResponse(Device Device);

    private sealed record Device(Guid Id);
}
