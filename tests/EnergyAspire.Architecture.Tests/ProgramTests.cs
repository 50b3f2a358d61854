using EnergyAspire.Testing;

namespace EnergyAspire.Architecture.Tests;

/// <summary>How files look.</summary>
public sealed class ProgramTests
{
    public static TheoryData<string> Programs =>
        [.. Directory.GetFiles(Path.Combine(Repository.Folder, "services"), "Program.cs", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Repository.Folder, file))];

    [Theory]
    [MemberData(nameof(Programs))]
    public void A_service_s_program_is_a_table_of_contents(string program) =>
        Assert.InRange(File.ReadAllLines(Path.Combine(Repository.Folder, program)).Count(line => !line.StartsWith("using ", StringComparison.Ordinal)), 1, 40);
}
