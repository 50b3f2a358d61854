using System.Diagnostics.Metrics;
using EnergyAspire.Monitoring.Readings;

namespace EnergyAspire.Monitoring.Ledger;

/// <summary>Metrics of verifications.</summary>
public sealed class LedgerMetrics
{
    private readonly Gauge<long> _differences;

    /// <summary>Creates the instruments.</summary>
    public LedgerMetrics(IMeterFactory meters) => _differences = meters.Create(IngestMetrics.Name).CreateGauge<long>(
        "energy.ledger.differences", "{difference}", "Differences that the last complete verification at this replica found.");

    /// <summary>Records the result of a complete verification.</summary>
    public void Verified(int differences) => _differences.Record(differences);
}
