using System.Globalization;

namespace EnergyAspire.Doctor.Checks;

/// <summary>The age of the newest backup.</summary>
internal static class BackupCheck
{
    private const string Name = "backup";
    private const string Form = "yyyyMMdd'T'HHmmss'Z'";

    // A daily backup and the time that it takes.
    private static readonly TimeSpan Oldest = TimeSpan.FromHours(26);

    public static IEnumerable<Check> Of(Installation installation) => installation.Options.BackupFolder is { Length: > 0 } folder
        ? [Check.Of(Name, () => Newest(folder))]
        :
        [
            Check.Of(Name, () => Verdict.NotChecked(
                $"{DoctorOptions.Section}:{nameof(DoctorOptions.BackupFolder)} isn't set.",
                $"Set it to the folder with the backups, or look at your backups otherwise ({Runbook.Backup}).")),
        ];

    private static Verdict Newest(string folder)
    {
        if (!Directory.Exists(folder))
            return Verdict.Failed("The folder with the backups doesn't exist or can't be read.", $"Correct the folder, or make a backup ({Runbook.Backup}).");

        // A backup gets its name when it is complete.
        var times = Directory.EnumerateDirectories(folder)
            .Select(backup => DateTimeOffset.TryParseExact(
                Path.GetFileName(backup), Form, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : (DateTimeOffset?)null)
            .OfType<DateTimeOffset>().ToList();
        if (times.Count == 0)
            return Verdict.Failed("The folder contains no backup.", $"Make a backup with deploy/backup.sh and schedule it ({Runbook.Backup}).");

        var age = TimeProvider.System.GetUtcNow() - times.Max();
        var finding = $"The newest backup is {age.TotalHours:0} hours old.";

        return age > Oldest ? Verdict.Failed(finding, $"See why the scheduled backup failed, and make one now ({Runbook.Backup}).") : Verdict.Ok(finding);
    }
}
