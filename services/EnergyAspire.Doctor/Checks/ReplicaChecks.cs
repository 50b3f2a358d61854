using EnergyAspire.ServiceDefaults;

namespace EnergyAspire.Doctor.Checks;

/// <summary>Replicas, compared with their sources by the number of rows and the sum of their versions.</summary>
internal static class ReplicaChecks
{
    // Events may be on their way.
    private const int Attempts = 3;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1.5);

    private static readonly Table Accounts = new(ResourceNames.AuthDatabase, "accounts", "state <> 'Registering'");
    private static readonly Table Devices = new(ResourceNames.DeviceDatabase, "devices", "true");
    private static readonly Table Mappings = new(ResourceNames.DeviceDatabase, "mappings", "is_assigned");

    private static readonly (string What, Table Source, Table Replica)[] Replicas =
    [
        ("accounts", Accounts, new(ResourceNames.UserDatabase, "accounts", "not is_deleted")),
        ("accounts", Accounts, new(ResourceNames.DeviceDatabase, "user_replicas", "not is_deleted and not is_provisional")),
        ("accounts", Accounts, new(ResourceNames.MonitoringDatabase, "user_replicas", "not is_deleted")),
        ("devices", Devices, new(ResourceNames.MonitoringDatabase, "device_replicas", "not is_deleted")),
        ("mappings", Mappings, new(ResourceNames.MonitoringDatabase, "mapping_replicas", "is_assigned")),
    ];

    public static IEnumerable<Check> Of(Installation installation)
    {
        foreach (var (what, source, replica) in Replicas)
        {
            var name = $"replicas: {what} in {replica.Database}";
            var missing = new[] { source.Database, replica.Database }.FirstOrDefault(database => installation.ConnectionString(database) is null);
            yield return missing is not null
                ? Check.WithoutSetting(name, $"ConnectionStrings:{missing}")
                : new Check(name, cancel => CompareAsync(installation, what, source, replica, cancel));
        }
    }

    private static async Task<Verdict> CompareAsync(Installation installation, string what, Table source, Table replica, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            // The replica first: what changes meanwhile makes it older, and never newer, than its source.
            var (held, heldVersions) = await CountAsync(installation, replica, cancel);
            var (expected, versions) = await CountAsync(installation, source, cancel);
            // Steps of sagas write to Devices before Identity does, so that its versions may be higher.
            var isBehind = held == expected && heldVersions < versions;
            if (held == expected && !isBehind)
                return Verdict.Ok($"All {expected} {what} of {source.Database} are in {replica.Database}.");

            if (attempt < Attempts)
            {
                await Task.Delay(Pause, cancel);
                continue;
            }

            return Verdict.Warning(
                isBehind
                    ? $"Some of the {expected} {what} in {replica.Database} are older than in {source.Database}."
                    : $"{replica.Database} has {held} {what}, {source.Database} has {expected}.",
                replica.Database == ResourceNames.UserDatabase
                    ? $"Look at outbox, queue and dead letters of user_sync_queue: the events are there ({Runbook.DeadLetters})."
                    : $"If outbox and queues are empty, rebuild the replicas ({Runbook.Replicas}).");
        }
    }

    private static async Task<(long Rows, decimal Versions)> CountAsync(Installation installation, Table table, CancellationToken cancel)
    {
        var sql = $"select count(*), coalesce(sum(version), 0)::numeric from {table.Name} where {table.Condition}";
        return (await Sql.QueryAsync(installation.ConnectionString(table.Database)!, sql, row => (row.GetInt64(0), row.GetDecimal(1)), cancel)).Single();
    }

    private sealed record Table(string Database, string Name, string Condition);
}
