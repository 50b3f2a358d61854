using System.Globalization;

namespace EnergyAspire.Benchmarks;

/// <summary>Processor times of processes that this program didn't start, from <c>/proc</c>.</summary>
internal static class ProcessTimes
{
    // Linux reports them in hundredths of a second on every architecture.
    private const double TicksPerSecond = 100;

    /// <summary>Returns the parent of a process.</summary>
    public static int ParentOf(int process) => int.Parse(StatOf(process)![1], CultureInfo.InvariantCulture);

    /// <summary>Returns the processor time of a process and its children, including those that have ended.</summary>
    public static TimeSpan OfFamily(int parent)
    {
        var ticks = 0L;
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var process) || StatOf(process) is not { } stat)
                continue;

            // utime and stime; of the parent also cutime and cstime, which are those of ended children.
            if (process == parent)
                ticks += Sum(stat, 11, 14);
            else if (stat[1] == parent.ToString(CultureInfo.InvariantCulture))
                ticks += Sum(stat, 11, 12);
        }

        return TimeSpan.FromSeconds(ticks / TicksPerSecond);
    }

    private static long Sum(string[] stat, int first, int last) =>
        stat[first..(last + 1)].Sum(ticks => long.Parse(ticks, CultureInfo.InvariantCulture));

    // The fields after the program's name, which is in parentheses and may contain spaces: state, parent, ...
    private static string[]? StatOf(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (Exception ended) when (ended is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
