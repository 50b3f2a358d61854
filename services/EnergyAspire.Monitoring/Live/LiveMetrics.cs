using System.Diagnostics.Metrics;
using EnergyAspire.Monitoring.Readings;

namespace EnergyAspire.Monitoring.Live;

/// <summary>Metrics of live connections and pushes.</summary>
internal sealed class LiveMetrics
{
    private readonly Counter<long> _devices;
    private readonly Counter<long> _alerts;

    public LiveMetrics(IMeterFactory meters, LiveWatchers watchers)
    {
        var meter = meters.Create(IngestMetrics.Name);
        meter.CreateObservableGauge("energy.live.watchers", () => watchers.All.Count, "{connection}", "Connections that watch at this replica.");
        _devices = meter.CreateCounter<long>("energy.live.devices", "{device}", "States of devices that were pushed to connections.");
        _alerts = meter.CreateCounter<long>("energy.live.alerts", "{alert}", "Alerts that were pushed to connections.");
    }

    public void Pushed(int devices, int alerts)
    {
        if (devices > 0)
            _devices.Add(devices);
        if (alerts > 0)
            _alerts.Add(alerts);
    }
}
