using System.Diagnostics;
using OpenTelemetry;

namespace EnergyAspire.Simulator.Publishing;

/// <summary>One span for a group of messages. A span for each reading of a replayed day would be too many.</summary>
internal sealed class ReplaySpan : IDisposable
{
    private readonly Activity? _activity;
    private readonly IDisposable _suppression;

    private ReplaySpan(int messages)
    {
        // Starts a new trace.
        Activity.Current = null;
        _activity = SimulatorTelemetry.Source.StartActivity("replay readings", ActivityKind.Producer);
        _activity?.SetTag("messaging.batch.message_count", messages);
        _suppression = SuppressInstrumentationScope.Begin();
    }

    /// <summary>Value of the header <c>traceparent</c>; null when traces are not recorded.</summary>
    public string? Id => _activity?.Id;

    public static ReplaySpan Begin(int messages) => new(messages);

    public void Dispose()
    {
        _suppression.Dispose();
        _activity?.Dispose();
    }
}
