using System.Diagnostics.Metrics;

namespace EnergyAspire.ServiceDefaults;

/// <summary>
/// Boundaries of histograms of durations in seconds. OpenTelemetry's default boundaries are meant for milliseconds: nearly every duration in seconds
/// would be in the first bucket, and a quantile would be meaningless.
/// </summary>
public static class DurationBuckets
{
    /// <summary>For what takes milliseconds to seconds; the boundaries that OpenTelemetry's conventions recommend.</summary>
    public static InstrumentAdvice<double> Operations { get; } =
        new() { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] };

    /// <summary>For what takes a fraction of a second to minutes.</summary>
    public static InstrumentAdvice<double> Workflows { get; } =
        new() { HistogramBucketBoundaries = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600] };

    /// <summary>For ages of seconds to days.</summary>
    public static InstrumentAdvice<double> Ages { get; } =
        new() { HistogramBucketBoundaries = [1, 5, 10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 86_400, 604_800] };
}
