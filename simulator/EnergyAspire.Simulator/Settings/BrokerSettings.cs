using EnergyAspire.ServiceDefaults;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace EnergyAspire.Simulator.Settings;

/// <summary>Where the readings go.</summary>
/// <param name="Host">Name or address.</param>
/// <param name="Port">AMQP port.</param>
/// <param name="User">User.</param>
/// <param name="Password">Password.</param>
/// <param name="Queue">Queue, reached through the default exchange.</param>
public sealed record BrokerSettings(string Host, int Port, string User, string Password, string Queue)
{
    /// <summary>The same as a connection string.</summary>
    public string ConnectionString => $"amqp://{Uri.EscapeDataString(User)}:{Uri.EscapeDataString(Password)}@{Host}:{Port}";
}

internal static class BrokerSettingsExtensions
{
    /// <summary>Lets the broker of the settings stand in for a connection string that nobody has set.</summary>
    public static void UseBrokerOf(this IHostApplicationBuilder builder, SimulatorSettings settings)
    {
        if (string.IsNullOrEmpty(builder.Configuration.GetConnectionString(ResourceNames.Messaging)))
            builder.Configuration[$"ConnectionStrings:{ResourceNames.Messaging}"] = settings.Broker.ConnectionString;
    }
}
