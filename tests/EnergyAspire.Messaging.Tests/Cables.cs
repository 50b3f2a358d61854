using EnergyAspire.Testing;
using Npgsql;

namespace EnergyAspire.Messaging.Tests;

/// <summary>Cables to the test servers.</summary>
public static class Cables
{
    public static Cable ToBroker(TestServers servers, out string broker, bool cut = false)
    {
        var address = new UriBuilder(servers.Broker);
        var cable = new Cable(address.Host, address.Port, cut);
        address.Host = "127.0.0.1";
        address.Port = cable.Port;
        broker = address.Uri.ToString();

        return cable;
    }

    public static Cable ToDatabase(string database, out string throughCable, bool cut = false)
    {
        var address = new NpgsqlConnectionStringBuilder(database);
        var cable = new Cable(address.Host!, address.Port, cut);
        address.Host = "127.0.0.1";
        address.Port = cable.Port;
        throughCable = address.ConnectionString;

        return cable;
    }
}
