using System.Diagnostics;

namespace EnergyAspire.Messaging;

internal static class MessagingTelemetry
{
    public static readonly ActivitySource Source = new("EnergyAspire.Messaging");
}
