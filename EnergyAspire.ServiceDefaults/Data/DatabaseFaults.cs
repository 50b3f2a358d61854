using System.Data.Common;
using System.Net.Sockets;

namespace EnergyAspire.ServiceDefaults.Data;

/// <summary>Tells faults of the database from faults of what it was asked to do.</summary>
public static class DatabaseFaults
{
    // Besides what the driver calls transient: connection, read-only standby, sign-in, no such database, resources, shutdown and start.
    private static readonly string[] AwayStates = ["08", "25006", "28", "3D000", "53", "57P"];

    /// <summary>Whether the database is away or not itself yet, so that the same work may succeed later unchanged.</summary>
    /// <remarks>EF Core wraps such failures in several ways, so inner exceptions count too.</remarks>
    public static bool IsDatabaseAway(this Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            // The driver leaves a name that doesn't resolve, or not in time, to these.
            if (cause is SocketException or TimeoutException)
                return true;
            if (cause is DbException database
                && (database.IsTransient
                    || AwayStates.Any(state => database.SqlState?.StartsWith(state, StringComparison.Ordinal) == true)))
                return true;
        }

        return false;
    }
}
