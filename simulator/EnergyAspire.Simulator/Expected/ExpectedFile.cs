using System.Text.Json;
using EnergyAspire.Simulator.Settings;
using EnergyAspire.Simulator.Traffic;

namespace EnergyAspire.Simulator.Expected;

/// <summary>
/// Writes what the API must show, as lines of JSON: an hour as soon as no reading can be added to it and the broker has confirmed
/// all of them, and a summary when the run has finished.
/// </summary>
public sealed class ExpectedFile : IDisposable
{
    private readonly FileStream _file;
    private readonly ExpectedTotals _totals;

    /// <summary>Starts a file; one of that name is replaced.</summary>
    /// <exception cref="SettingsException">It can't be written.</exception>
    public ExpectedFile(string path, TimeSpan longestDelay)
    {
        _totals = new ExpectedTotals(longestDelay);
        try
        {
            _file = File.Create(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException($"The expected file can't be written: {failure.Message}", failure);
        }
    }

    /// <summary>Adds a message that the broker has confirmed, in the order of sending.</summary>
    public void Confirmed(Message message)
    {
        // Added first: the readings of a message were due at different times, the last of them at the message's, and all that
        // follow are due no earlier than that.
        _totals.Add(message);
        WriteComplete(message.Due);
    }

    /// <summary>Ends the file of a run that has finished.</summary>
    /// <param name="sentAgain">Readings that were sent more often than the run needed.</param>
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
