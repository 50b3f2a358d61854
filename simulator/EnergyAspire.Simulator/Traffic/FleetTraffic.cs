using EnergyAspire.Simulator.Readings;

namespace EnergyAspire.Simulator.Traffic;

/// <summary>
/// All reports of a fleet, in the order of sending. They depend only on the settings, so the same settings give the same messages in the same order.
/// Only late reports are kept in memory, a few bytes each.
/// </summary>
public sealed class FleetTraffic(ReadingSchedule schedule, FaultPlan faults)
{
    /// <summary>Lists the reports in the order of their due times. Reports that are still delayed at the end are listed last.</summary>
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
