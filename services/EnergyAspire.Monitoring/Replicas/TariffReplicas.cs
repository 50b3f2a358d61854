using EnergyAspire.Contracts;
using EnergyAspire.Data;
using EnergyAspire.Data.Replicas;
using EnergyAspire.Monitoring.Data;

namespace EnergyAspire.Monitoring.Replicas;

/// <summary>The replicas of tariffs. A tombstone keeps the prices, because a deleted device, whose history stays readable, may have had the tariff.</summary>
public sealed class TariffReplicas() : ReplicaTable<MonitoringDbContext, Guid, TariffState>(
    "tariff_replicas", tariff => tariff.Id, tariff => tariff.Version,
    db => db.Tariffs.Select(tariff => new HeldReplica<Guid>(tariff.Id, tariff.Version, !tariff.IsDeleted)),
    [Key("id", id => id)],
    [
        Value("name", tariff => tariff.Name, "''"), Value("currency", tariff => tariff.Currency, "''"),
        Value("prices", tariff => JsonColumns.Write(tariff.Prices), "'[]'::jsonb", type: "jsonb"),
        Value("valid_until", tariff => tariff.ValidUntil, "null"),
    ],
    ReplicaRules.KeepsValues)
{
    /// <summary>The table.</summary>
    public static readonly TariffReplicas Table = new();
}
