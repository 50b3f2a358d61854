using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace EnergyAspire.Benchmarks;

/// <summary>Collects figures, and prints them at once and in a table at the end.</summary>
internal sealed class Report(BenchmarkOptions options, TextWriter output)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly List<(string Name, string Unit, List<double> Values)> _figures = [];

    /// <summary>Whether all checked totals were right.</summary>
    public bool TotalsAreExact { get; private set; } = true;

    public void Note(string text) => output.WriteLine($"{DateTime.UtcNow:HH:mm:ss}  {text}");

    public void Add(string name, double value, string unit = "/s")
    {
        var known = _figures.Find(figure => figure.Name == name);
        if (known.Values is null)
            _figures.Add(known = (name, unit, []));
        known.Values.Add(value);
        Note($"{name}: {Format(value, unit)} (load {LoadAverage()})");
    }

    public void AddTotals(string of, string? difference)
    {
        TotalsAreExact &= difference is null;
        Note($"totals {of}: {difference ?? "exact to the milliwatt-hour"}");
    }

    /// <summary>Median of the runs; null when it wasn't measured.</summary>
    public double? Median(string name) => _figures.Find(figure => figure.Name == name).Values is { } values
        ? values.Order().ElementAt(values.Count / 2)
        : null;

    /// <summary>Prints the table and writes the file.</summary>
    public async Task FinishAsync(CancellationToken cancel)
    {
        output.WriteLine();
        output.WriteLine($"{Machine()}; {options.Devices:N0} devices, {options.Readings:N0} readings a run, {options.Runs} runs; load now {LoadAverage()}");
        output.WriteLine();
        output.WriteLine("| measured | median | lowest | highest |");
        output.WriteLine("|---|---:|---:|---:|");
        foreach (var (name, unit, values) in _figures)
            output.WriteLine($"| {name} | {Format(Median(name)!.Value, unit)} | {Format(values.Min(), unit)} | {Format(values.Max(), unit)} |");
        output.WriteLine();
        foreach (var (name, ratio) in Ratios())
            output.WriteLine($"{name}: {Percent(ratio)}");
        output.WriteLine($"totals: {(TotalsAreExact ? "exact" : "NOT exact")}");

        if (options.Json is { } file)
            await File.WriteAllTextAsync(file.FullName, JsonSerializer.Serialize(Figures(), Indented), cancel);
    }

    private IEnumerable<(string, double?)> Ratios()
    {
        var ceiling = Lower(Median(FigureNames.DatabaseCeiling), Median(FigureNames.BrokerCeiling));
        yield return ("end to end / lower ceiling", Median(FigureNames.EndToEnd) / ceiling);
        yield return ("end to end on large tables / on empty ones", LargeRatio);
        yield return ("registers / energies of intervals", Median(FigureNames.Registers) / Median(FigureNames.Intervals));
        yield return ("database ceiling on large tables / on empty ones", Median(FigureNames.DatabaseCeilingLarge) / Median(FigureNames.DatabaseCeiling));
    }

    private double? LargeRatio => Median(FigureNames.EndToEndLarge) / Median(FigureNames.EndToEnd);

    private Dictionary<string, object?> Figures() => new(StringComparer.Ordinal)
    {
        ["machine"] = Machine(),
        ["load_average"] = LoadAverage(),
        ["end_to_end_per_s"] = Median(FigureNames.EndToEnd),
        ["database_ceiling_per_s"] = Median(FigureNames.DatabaseCeiling),
        ["broker_ceiling_per_s"] = Median(FigureNames.BrokerCeiling),
        ["end_to_end_at_20m_per_s"] = Median(FigureNames.EndToEndLarge),
        ["rate_at_20m_ratio"] = LargeRatio,
        ["live_per_s"] = Median(FigureNames.Live),
        ["live_ten_a_message_per_s"] = Median(FigureNames.LiveTen),
        ["query_p99_ms"] = Median(FigureNames.QueryP99),
        ["visible_p99_ms"] = Median(FigureNames.VisibleP99),
        ["service_memory_mb"] = _figures.Find(figure => figure.Name == FigureNames.Memory).Values?.Max(),
        ["totals_exact"] = TotalsAreExact,
        ["runs"] = _figures.ToDictionary(figure => figure.Name, figure => figure.Values, StringComparer.Ordinal),
    };

    private static double? Lower(double? one, double? other) => one is null ? other : other is null ? one : Math.Min(one.Value, other.Value);

    private static string Format(double value, string unit) => value >= 1000
        ? $"{value:N0} {unit}"
        : string.Create(CultureInfo.InvariantCulture, $"{value:0.0} {unit}");

    private static string Percent(double? ratio) => ratio is { } known ? string.Create(CultureInfo.InvariantCulture, $"{known * 100:0} %") : "not measured";

    private static string LoadAverage() => string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ').Take(3));

    private static string Machine()
    {
        var model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim();
        return $"{Environment.ProcessorCount} cores ({model ?? RuntimeInformation.ProcessArchitecture.ToString()}), {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30} GB, {RuntimeInformation.OSDescription}";
    }
}

/// <summary>Names of the figures that targets are set for.</summary>
internal static class FigureNames
{
    public const string DatabaseCeiling = "database ceiling, empty tables";
    public const string DatabaseCeilingLarge = "database ceiling, large tables";
    public const string BrokerCeiling = "broker ceiling";
    public const string EndToEnd = "end to end, empty tables";
    public const string EndToEndLarge = "end to end, large tables";
    public const string Intervals = "energies of intervals, without broker";
    public const string Registers = "registers, without broker";
    public const string Live = "live, 1 reading a message";
    public const string LiveTen = "live, 10 readings a message";
    public const string VisibleP99 = "visible, p99 at half of the live rate";
    public const string QueryP99 = "daily and range queries, worst p99";
    public const string ProcessorTime = "service CPU time a reading";
    public const string Memory = "service memory, peak";
}
