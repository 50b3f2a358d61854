using EnergyAspire.Simulator.Readings;

namespace EnergyAspire.Simulator.Traffic;

/// <summary>
/// Everything that a fleet sends, in the order it is sent. It depends on the settings alone, so the same settings give the same
/// messages in the same order; only what is late is held, as a few words each.
/// </summary>
public sealed class FleetTraffic(ReadingSchedule schedule, FaultPlan faults)
{
    /// <summary>Lists the reports in the order they are due. What is late at the end is sent at the end.</summary>
    public IEnumerable<Report> Reports()
    {
        var late = new PriorityQueue<Report, (DateTimeOffset Due, long Number)>();
        var number = 0L;
        var now = schedule.First;

        foreach (var scheduled in schedule.Readings())
        {
            now = scheduled.Due;
            while (late.TryPeek(out _, out var next) && next.Due <= now)
                yield return late.Dequeue();

            foreach (var report in faults.ReportsOf(scheduled))
            {
                if (report.Due <= now)
                    yield return report;
                else
                    late.Enqueue(report, (report.Due, number++));
            }
        }

        while (late.TryDequeue(out var report, out _))
            yield return report with { Due = now };
    }
}
