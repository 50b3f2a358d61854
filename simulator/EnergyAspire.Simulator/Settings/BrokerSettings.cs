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
