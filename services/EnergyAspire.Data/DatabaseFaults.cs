using System.Data.Common;
using System.Net.Sockets;

namespace EnergyAspire.Data;

/// <summary>Distinguishes an unavailable database from invalid statements and values.</summary>
public static class DatabaseFaults
{
    // SQLSTATE prefixes in addition to the driver's transient errors: connection, read-only standby, sign-in, no such database, resources, shutdown
    // and start.
    private static readonly string[] AwayStates = ["08", "25006", "28", "3D000", "53", "57P"];

    /// <summary>Whether the database is unavailable or still starting, so that a retry of the same work may succeed.</summary>
    /// <remarks>EF Core wraps such failures in several ways, so inner exceptions are checked too.</remarks>
    public static bool IsDatabaseAway(this Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            // The driver throws these when a host name can't be resolved, or not in time.
            if (cause is SocketException or TimeoutException)
                return true;
            if (cause is DbException database
                && (database.IsTransient
                    || AwayStates.Any(state => database.SqlState?.StartsWith(state, StringComparison.Ordinal) == true)))
                return true;
        }

        return false;
    }

    /// <summary>
    /// Whether the database can't hold a value that it was given (SQLSTATE class 22). Validation of requests should reject such values earlier.
    /// </summary>
    public static bool IsRefusedValue(this Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause is DbException { SqlState: ['2', '2', ..] })
                return true;
        }

        return false;
    }
}
