using System.Text.Json;
using EnergyAspire.Simulator.Settings;
using EnergyAspire.Simulator.Traffic;

namespace EnergyAspire.Simulator.Expected;

/// <summary>
/// Writes the expected totals as lines of JSON. An hour is written when no more reading can be added to it and the broker has confirmed all its
/// readings. A summary is written at the end of the run.
/// </summary>
public sealed class ExpectedFile : IDisposable
{
    private readonly FileStream _file;
    private readonly ExpectedTotals _totals;

    /// <summary>Creates the file. An existing one is overwritten.</summary>
    /// <exception cref="SettingsException">The file can't be written.</exception>
    public ExpectedFile(string path, TimeSpan interval, TimeSpan longestDelay)
    {
        _totals = new ExpectedTotals(interval, longestDelay);
        try
        {
            _file = File.Create(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException($"The expected file can't be written: {failure.Message}", failure);
        }
    }

    /// <summary>Adds a confirmed message. Messages must be added in the order of sending.</summary>
    public void Confirmed(Message message)
    {
        // Added before complete hours are taken. A message is due with its last reading, and all later messages are due no earlier.
        _totals.Add(message);
        WriteComplete(message.Due);
    }

    /// <summary>Writes the remaining hours and the summary.</summary>
    /// <param name="sentAgain">Readings that were sent again after a lost connection.</param>
    public void Finish(long sentAgain)
    {
        WriteComplete(sentBefore: null);
        WriteLine(new ExpectedLine.SummaryLine(_totals.Summary(sentAgain)));
        _file.Flush();
    }

    /// <inheritdoc />
    public void Dispose() => _file.Dispose();

    private void WriteComplete(DateTimeOffset? sentBefore)
    {
        var written = false;
        foreach (var hour in _totals.TakeComplete(sentBefore))
        {
            WriteLine(hour);
            written = true;
        }

        if (written)
            _file.Flush();
    }

    private void WriteLine<T>(T line)
    {
        JsonSerializer.Serialize(_file, line, ExpectedLine.Json);
        _file.WriteByte((byte)'\n');
    }
}
