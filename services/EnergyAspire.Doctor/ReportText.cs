using System.Text;

namespace EnergyAspire.Doctor;

/// <summary>The results as text for people.</summary>
internal static class ReportText
{
    /// <summary>Writes a line for each check, another for its action, and finally the numbers.</summary>
    public static string Write(DoctorReport report)
    {
        var width = report.Checks.Max(check => check.Name.Length);
        var text = new StringBuilder();
        foreach (var (name, result, finding, action) in report.Checks)
        {
            text.AppendLine($"{Word(result),-11}  {name.PadRight(width)}  {finding}");
            if (action is not null)
                text.AppendLine($"{"",-11}  {"".PadRight(width)}  -> {action}");
        }

        int Count(CheckResult result) => report.Checks.Count(check => check.Result == result);
        return text.AppendLine()
            .Append($"{Count(CheckResult.Ok)} ok, {Count(CheckResult.Warning)} warnings, {Count(CheckResult.Failed)} failed, ")
            .Append($"{Count(CheckResult.NotChecked)} not checked.")
            .ToString();
    }

    private static string Word(CheckResult result) => result switch
    {
        CheckResult.Ok => "ok",
        CheckResult.Warning => "warning",
        CheckResult.Failed => "FAILED",
        _ => "not checked",
    };
}
