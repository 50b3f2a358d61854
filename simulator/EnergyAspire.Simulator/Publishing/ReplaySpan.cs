using System.Diagnostics;
using OpenTelemetry;

namespace EnergyAspire.Simulator.Publishing;

/// <summary>One span for messages that are sent together: a span for each reading of a day would only be noise.</summary>
internal sealed class ReplaySpan : IDisposable
{
    private readonly Activity? _activity;
    private readonly IDisposable _suppression;

    private ReplaySpan(int messages)
    {
        // Traces begin here.
        Activity.Current = null;
        _activity = SimulatorTelemetry.Source.StartActivity("replay readings", ActivityKind.Producer);
        _activity?.SetTag("messaging.batch.message_count", messages);
        _suppression = SuppressInstrumentationScope.Begin();
    }

    /// <summary>Value of the header <c>traceparent</c>, null when nobody records.</summary>
    public string? Id => _activity?.Id;

    public static ReplaySpan Begin(int messages) => new(messages);

    public void Dispose()
    {
        _suppression.Dispose();
        _activity?.Dispose();
    }
}
