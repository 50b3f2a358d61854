using EnergyAspire.Import.Reporting;
using EnergyAspire.Monitoring.Hours;

namespace EnergyAspire.Import.Readings;

/// <summary>A UTC hour of a device: the replaced system's total and readings, and what became of them here.</summary>
internal sealed class ComparedHour
{
    // Readings here are rounded to milliwatt-hours, each by at most half of one.
    private const double Rounding = 0.000_000_5;

    private Dictionary<string, int>? _refused;

    /// <summary>The replaced system's hourly total in kWh; null when there is none.</summary>
    public double? OldTotal { get; set; }

    /// <summary>How many readings that total counts.</summary>
    public int? OldCount { get; set; }

    /// <summary>Sum of the replaced system's readings in kWh, repeated ones included.</summary>
    public double OldReadings { get; private set; }

    /// <summary>How many readings the replaced system has, repeated ones included.</summary>
    public int OldReadingCount { get; private set; }

    /// <summary>How many of them repeat an earlier one.</summary>
    public int Repeated { get; private set; }

    /// <summary>Energy of the repetitions in kWh.</summary>
    public double RepeatedEnergy { get; private set; }

    /// <summary>How many of them are stored here.</summary>
    public int Arrived { get; private set; }

    /// <summary>Energy of those in milliwatt-hours.</summary>
    public long ArrivedEnergy { get; private set; }

    /// <summary>How many are neither stored nor in quarantine.</summary>
    public int Lost { get; private set; }

    /// <summary>Energy of this system's readings in milliwatt-hours.</summary>
    public long HereEnergy { get; set; }

    /// <summary>How many readings this system has.</summary>
    public int HereCount { get; set; }

    /// <summary>The totals for the report.</summary>
    public HourTotals Totals => new(OldTotal, OldCount, OldReadings, OldReadingCount, Energy.ToKilowattHours(HereEnergy), HereCount);

    /// <summary>Whether the replaced system's total is the sum of its own readings.</summary>
    public bool AddsUpThere => OldCount == OldReadingCount && OldTotal is { } total && AreEqual(total, OldReadings);

    /// <summary>Whether the replaced system's total is the same as the sum here.</summary>
    public bool IsSame => Lost == 0 && OldCount == HereCount && OldTotal is { } total && AreEqual(total, (double)Energy.ToKilowattHours(HereEnergy));

    /// <summary>Whether everything that differs has a reason.</summary>
    public bool IsExplained => Lost == 0 && ArrivedEnergy <= HereEnergy && Arrived <= HereCount;

    /// <summary>Counts a reading that is stored here, or that repeats one that is.</summary>
    public void AddStored(double value, long energy, bool isRepeated)
    {
        AddOld(value);
        if (isRepeated)
        {
            Repeated++;
            RepeatedEnergy += value;
        }
        else
        {
            Arrived++;
            ArrivedEnergy += energy;
        }
    }

    /// <summary>Counts a reading that is in quarantine.</summary>
    public void AddRefused(double value, string reason)
    {
        AddOld(value);
        _refused ??= new Dictionary<string, int>(StringComparer.Ordinal);
        _refused[reason] = _refused.GetValueOrDefault(reason) + 1;
    }

    /// <summary>Counts a reading that is nowhere.</summary>
    public void AddLost(double value)
    {
        AddOld(value);
        Lost++;
    }

    /// <summary>Says why the totals differ.</summary>
    /// <param name="isShifted">Whether the totals of all hours of the device together are the sum of all its readings there.</param>
    public string Explain(bool isShifted)
    {
        var reasons = new List<string>();
        if (Lost > 0)
            reasons.Add($"{Lost} readings did not arrive");
        if (ArrivedEnergy > HereEnergy || Arrived > HereCount)
            reasons.Add("the sum here lacks readings that are stored");
        if (Repeated > 0)
            reasons.Add($"the replaced system counted {Repeated} redelivered readings again, {RepeatedEnergy:0.######} kWh");
        if (_refused is not null)
        {
            reasons.AddRange(_refused.OrderBy(refusal => refusal.Key, StringComparer.Ordinal)
                .Select(refusal => $"{refusal.Value} readings are in quarantine: {refusal.Key}"));
        }

        if (HereCount > Arrived)
            reasons.Add($"{HereCount - Arrived} readings came from meters to this system only");
        if (OldTotal is null)
            reasons.Add("the replaced system has no total of this hour");
        else if (OldReadingCount == 0)
            reasons.Add(isShifted ? "" : "the replaced system has a total but no reading of this hour, so nothing could be imported");
        else if (!AddsUpThere)
            reasons.Add("the total there isn't the sum of the readings there");
        if (isShifted && !AddsUpThere)
            reasons.Add("the totals of all hours of the device are right: the replaced system took hours from the time as the meter wrote it, with the meter's offset");

        return string.Join("; ", reasons.Where(reason => reason.Length > 0));
    }

    private bool AreEqual(double left, double right) =>
        Math.Abs(left - right) <= (Rounding * Math.Max(1, OldReadingCount)) + (1e-9 * Math.Abs(left));

    private void AddOld(double value)
    {
        OldReadings += value;
        OldReadingCount++;
    }
}
