using System.Globalization;
using EnergyAspire.Contracts;
using EnergyAspire.Data.Replicas;
using EnergyAspire.Monitoring.Data;

namespace EnergyAspire.Monitoring.Replicas;

/// <summary>The replicas of mappings. The row of a mapping that has ended keeps its periods.</summary>
public sealed class MappingReplicas() : ReplicaTable<MonitoringDbContext, (Guid UserId, Guid DeviceId), MappingState>(
    "mapping_replicas", mapping => (mapping.UserId, mapping.DeviceId), mapping => mapping.Version,
    db => db.Mappings.Select(mapping => new HeldReplica<(Guid UserId, Guid DeviceId)>(new ValueTuple<Guid, Guid>(mapping.UserId, mapping.DeviceId), mapping.Version, !mapping.IsDeleted)),
    [Key("user_id", key => key.UserId), Key("device_id", key => key.DeviceId)],
    [
        Value("is_assigned", mapping => mapping.IsAssigned, "false"),
        Value("periods", PeriodsOf, "tstzmultirange()", type: "tstzmultirange"),
    ])
{
    /// <summary>The table.</summary>
    public static readonly MappingReplicas Table = new();

    /// <summary>Returns the periods as PostgreSQL reads a <c>tstzmultirange</c>.</summary>
    private static string PeriodsOf(MappingState mapping) =>
        mapping.Periods is { } periods ? $"{{{string.Join(',', periods.Select(period => $"[{Bound(period.From)},{Bound(period.Until)})"))}}}"
        : mapping.IsAssigned ? "{(,)}"
        : "{}";

    private static string Bound(DateTimeOffset? instant) => instant?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture) ?? "";
}
