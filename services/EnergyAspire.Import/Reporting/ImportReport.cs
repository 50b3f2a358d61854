using System.Text;

namespace EnergyAspire.Import.Reporting;

/// <summary>Kinds of lines in the report.</summary>
internal static class LineKind
{
    /// <summary>Imported with a change.</summary>
    public const string Changed = "changed";

    /// <summary>Not imported, for a stated reason.</summary>
    public const string KeptOut = "kept_out";

    /// <summary>Imported or left alone as it is; worth a look.</summary>
    public const string Note = "note";

    /// <summary>An hour whose totals differ, for a stated reason.</summary>
    public const string Hour = "hour";

    /// <summary>Not imported without a reason. It makes the import fail.</summary>
    public const string Missing = "missing";
}

/// <summary>Totals of a device's hour in kWh, with counts of readings. Null where there is no total.</summary>
/// <param name="OldTotal">The replaced system's hourly total.</param>
/// <param name="OldCount">How many readings that total counts.</param>
/// <param name="OldReadings">Sum of the replaced system's readings.</param>
/// <param name="OldReadingCount">How many readings there are, repeated ones included.</param>
/// <param name="Here">Sum of this system's readings.</param>
/// <param name="HereCount">How many readings there are.</param>
internal sealed record HourTotals(double? OldTotal, int? OldCount, double OldReadings, int OldReadingCount, decimal Here, int HereCount);

/// <summary>Writes every change, omission and difference to a CSV file, and the first ones of each kind to the output.</summary>
internal sealed class ImportReport : IAsyncDisposable
{
    private const int MostShown = 20;
    private const int LongestShown = 300;

    private const string Header =
        "kind,subject,id,hour,explanation,old_hour_kwh,old_hour_count,old_readings_kwh,old_readings_count,here_kwh,here_count";

    private readonly Dictionary<(string Kind, string Subject), int> _counts = [];
    private readonly TextWriter _output;
    private readonly StreamWriter _file;
    private readonly string _path;

    /// <summary>Creates the file. Only this user can read it, because it contains personal data.</summary>
    public ImportReport(string path, TextWriter output)
    {
        (_path, _output) = (path, output);
        File.Delete(path);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.Read };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        _file = new StreamWriter(path, Encoding.UTF8, options) { NewLine = "\n" };
        _file.WriteLine(Header);
    }

    /// <summary>Whether nothing is missing without a reason.</summary>
    public bool IsComplete => !_counts.Keys.Any(line => line.Kind == LineKind.Missing);

    /// <summary>Prints a line of progress.</summary>
    public void Say(string text) => _output.WriteLine(text);

    /// <summary>Reports something that was imported with a change.</summary>
    public void Changed(string subject, Guid id, string explanation) => Write(LineKind.Changed, subject, id, null, explanation, null);

    /// <summary>Reports something that is not imported, with the reason.</summary>
    public void KeptOut(string subject, Guid? id, string explanation) => Write(LineKind.KeptOut, subject, id, null, explanation, null);

    /// <summary>Reports something that needs no action by the import.</summary>
    public void Note(string subject, Guid? id, string explanation) => Write(LineKind.Note, subject, id, null, explanation, null);

    /// <summary>Reports something that should have arrived and did not.</summary>
    public void Missing(string subject, Guid? id, string explanation) => Write(LineKind.Missing, subject, id, null, explanation, null);

    /// <summary>Reports an hour whose totals differ.</summary>
    /// <param name="device">Device.</param>
    /// <param name="hour">Start of the UTC hour.</param>
    /// <param name="totals">Its totals.</param>
    /// <param name="explanation">Why they differ.</param>
    /// <param name="isMissing">Whether a part of it did not arrive without a reason.</param>
    public void Hour(Guid device, DateTimeOffset hour, HourTotals totals, string explanation, bool isMissing) =>
        Write(isMissing ? LineKind.Missing : LineKind.Hour, "hour", device, hour, explanation, totals);

    /// <summary>How many lines there are of a kind and a subject.</summary>
    public int Count(string kind, string subject) => _counts.GetValueOrDefault((kind, subject));

    /// <summary>Prints how many lines of each kind there are.</summary>
    public void Summarize()
    {
        foreach (var ((kind, subject), count) in _counts.OrderBy(line => line.Key))
            Say($"{kind,-9} {subject,-8} {count,9:N0}");
        Say($"Every line is in {_path}. It contains personal data.");
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _file.DisposeAsync();

    private void Write(string kind, string subject, Guid? id, DateTimeOffset? hour, string explanation, HourTotals? totals)
    {
        // Names of the replaced system may contain characters that control a terminal.
        explanation = string.Concat(explanation.Select(character => char.IsControl(character) ? ' ' : character));
        var at = hour is { } start ? $"{start.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}" : "";
        _file.WriteLine(string.Join(',', Array.ConvertAll(
            [
                kind, subject, id?.ToString() ?? "", at, explanation,
                Text(totals?.OldTotal), Text(totals?.OldCount), Text(totals?.OldReadings), Text(totals?.OldReadingCount), Text(totals?.Here), Text(totals?.HereCount),
            ], Quote)));

        var count = _counts[(kind, subject)] = _counts.GetValueOrDefault((kind, subject)) + 1;
        if (count <= MostShown)
            Say($"  {kind}: {subject} {id}{(at.Length > 0 ? $" {at}" : "")}: {(explanation.Length > LongestShown ? $"{explanation[..LongestShown]}..." : explanation)}");
        else if (count == MostShown + 1)
            Say($"  {kind}: more of {subject} in {_path}");
    }

    private static string Text(IFormattable? value) => value?.ToString(null, null) ?? "";

    /// <summary>Quotes a field where needed. A text that a spreadsheet would take for a formula gets an apostrophe.</summary>
    private static string Quote(string field)
    {
        var text = field is ['=' or '+' or '-' or '@' or '\t', ..] && !double.TryParse(field, out _) ? $"'{field}" : field;

        return text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }
}
