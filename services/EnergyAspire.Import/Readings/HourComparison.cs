using EnergyAspire.Import.Old;
using EnergyAspire.Import.Reporting;
using EnergyAspire.Monitoring.Readings;

namespace EnergyAspire.Import.Readings;

/// <summary>
/// Compares every UTC hour of every device: the replaced system's total, the sum of its readings, and the sum of the readings here. The hours of a device
/// are held in memory, its readings are not.
/// </summary>
/// <remarks>
/// Readings here are added up by UTC hour. Hours of a site whose offset isn't whole hours begin at other times; <see cref="Monitoring.Ledger.Verification"/>
/// compares them with the same readings.
/// </remarks>
internal sealed class HourComparison(
    OldReadings old, HeldReadings held, ReadingParser parser, ImportReport report, TimeProvider time, int batchSize)
{
    private readonly Dictionary<string, long> _refused = new(StringComparer.Ordinal);

    /// <summary>Compares all devices.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        var (hours, same, withoutReadings, energyWithoutReadings) = (0L, 0L, 0L, 0.0);
        foreach (var device in old.Devices)
        {
            var compared = await CompareAsync(device, cancel);
            var isShifted = IsShifted(compared.Values);
            foreach (var (start, hour) in compared.OrderBy(hour => hour.Key))
            {
                hours++;
                if (hour.IsSame)
                {
                    same++;
                    continue;
                }

                if (hour is { OldReadingCount: 0, OldTotal: { } total } && !isShifted)
                    (withoutReadings, energyWithoutReadings) = (withoutReadings + 1, energyWithoutReadings + total);
                var explanation = hour.Explain(isShifted);
                report.Hour(
                    device, start, hour.Totals, explanation.Length > 0 ? explanation : "no reason was found", !hour.IsExplained || explanation.Length == 0);
            }
        }

        report.Say($"Hours: {hours:N0} compared, {same:N0} are the same, {hours - same:N0} differ.");
        if (withoutReadings > 0)
            report.Say($"Hours: {withoutReadings:N0} have a total of {energyWithoutReadings:0.###} kWh together but no readings there. They are not imported.");
        foreach (var (reason, count) in _refused.OrderBy(refusal => refusal.Key, StringComparer.Ordinal))
            report.Say($"Readings: {count:N0} are in quarantine: {reason}.");
    }

    /// <summary>
    /// Whether single totals of a device aren't the sums of their readings, but all totals together are the sum of all readings.
    /// </summary>
    private static bool IsShifted(IReadOnlyCollection<ComparedHour> hours) =>
        hours.Any(hour => !hour.AddsUpThere)
        && hours.Sum(hour => (long)(hour.OldCount ?? 0)) == hours.Sum(hour => (long)hour.OldReadingCount)
        && hours.Sum(hour => hour.OldTotal ?? 0) is var total && hours.Sum(hour => hour.OldReadings) is var readings
        && Math.Abs(total - readings) <= 1e-6 * Math.Max(1, Math.Abs(readings));

    private async Task<Dictionary<DateTimeOffset, ComparedHour>> CompareAsync(Guid device, CancellationToken cancel)
    {
        var hours = new Dictionary<DateTimeOffset, ComparedHour>();
        foreach (var total in await old.HoursAsync(device, cancel))
        {
            if (total.Hour is < 0 or > 23)
            {
                report.KeptOut("total", total.Id, $"Its hour {total.Hour} of {total.Date:yyyy-MM-dd} doesn't exist.");
                continue;
            }

            var hour = HourOf(hours, new DateTimeOffset(total.Date, new TimeOnly(total.Hour, 0), TimeSpan.Zero));
            (hour.OldTotal, hour.OldCount) = (total.Total, total.Count);
        }

        await foreach (var chunk in old.MeasurementsAsync(device, batchSize, cancel))
            await CountAsync(device, chunk, hours, cancel);

        if (hours.Count > 0)
        {
            foreach (var (start, (energy, count)) in await held.HoursAsync(device, hours.Keys.Min(), hours.Keys.Max().AddHours(1), cancel))
            {
                var hour = HourOf(hours, start);
                (hour.HereEnergy, hour.HereCount) = (energy, count);
            }
        }

        return hours;
    }

    /// <summary>Finds out what became of each reading.</summary>
    private async Task CountAsync(Guid device, List<OldMeasurement> chunk, Dictionary<DateTimeOffset, ComparedHour> hours, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var readings = chunk.ConvertAll(measurement => ReadingImport.Arrive(measurement, parser, now));
        // In this order, because a retry may move a reading from quarantine to the stored ones in between.
        var quarantined = await held.QuarantinedAsync(device, readings, cancel);
        var energies = await held.EnergiesAsync(device, readings, cancel);

        var counted = default(DateTimeOffset?);
        for (var position = 0; position < chunk.Count; position++)
        {
            var (measurement, reading) = (chunk[position], readings[position]);
            var hour = HourOf(hours, StartOf(measurement.Timestamp));
            if (ReadingImport.IsStored(reading, energies))
            {
                // Readings of the same time follow each other.
                hour.AddStored(measurement.Value, reading.Parsed.Reading.Energy, isRepeated: counted == reading.Parsed.Reading.Timestamp);
                counted = reading.Parsed.Reading.Timestamp;
            }
            else if (quarantined.Take(reading) is { } reason)
            {
                hour.AddRefused(measurement.Value, reason);
                _refused[reason] = _refused.GetValueOrDefault(reason) + 1;
            }
            else
            {
                hour.AddLost(measurement.Value);
            }
        }
    }

    private static ComparedHour HourOf(Dictionary<DateTimeOffset, ComparedHour> hours, DateTimeOffset start)
    {
        if (!hours.TryGetValue(start, out var hour))
            hours[start] = hour = new ComparedHour();

        return hour;
    }

    private static DateTimeOffset StartOf(DateTimeOffset instant)
    {
        var utc = instant.UtcDateTime;
        return new DateTimeOffset(utc.AddTicks(-(utc.Ticks % TimeSpan.TicksPerHour)), TimeSpan.Zero);
    }
}
