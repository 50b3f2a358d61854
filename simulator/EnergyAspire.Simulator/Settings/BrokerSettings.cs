namespace EnergyAspire.Simulator.Settings;

/// <summary>Broker and queue that readings are sent to.</summary>
/// <param name="Host">Name or address.</param>
/// <param name="Port">AMQP port.</param>
/// <param name="User">User.</param>
/// <param name="Password">Password.</param>
/// <param name="Queue">Queue, reached through the default exchange.</param>
public sealed record BrokerSettings(string Host, int Port, string User, string Password, string Queue)
{
    /// <summary>AMQP connection string.</summary>
    public string ConnectionString => $"amqp://{Uri.EscapeDataString(User)}:{Uri.EscapeDataString(Password)}@{Host}:{Port}";
}
