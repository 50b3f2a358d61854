using System.Reflection;
using System.Text.RegularExpressions;
using EnergyAspire.Doctor;
using EnergyAspire.Testing;

namespace EnergyAspire.Architecture.Tests;

/// <summary>The sections that the doctor's actions refer to.</summary>
public sealed partial class RunbookTests
{
    public static TheoryData<string> Sections =>
        [.. typeof(Runbook).GetFields(BindingFlags.Public | BindingFlags.Static).Select(constant => (string)constant.GetRawConstantValue()!)];

    [Theory]
    [MemberData(nameof(Sections))]
    public void Every_section_of_the_runbook_that_the_doctor_names_exists(string section)
    {
        var (file, anchor) = (section.Split('#')[0], section.Split('#')[1]);
        var anchors = File.ReadLines(Path.Combine(Repository.Folder, file))
            .Where(line => line.StartsWith('#'))
            .Select(line => NoAnchor().Replace(line.TrimStart('#').Trim().ToLowerInvariant(), "").Replace(' ', '-'));

        Assert.Contains(anchor, anchors);
    }

    [GeneratedRegex("[^a-z0-9 _-]", RegexOptions.NonBacktracking)]
    private static partial Regex NoAnchor();
}
