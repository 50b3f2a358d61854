namespace EnergyAspire.Architecture.Tests;

/// <summary>How files look.</summary>
public sealed class ProgramTests
{
    private static readonly string Root = FindRoot();

    public static TheoryData<string> Programs =>
        [.. Directory.GetFiles(Path.Combine(Root, "services"), "Program.cs", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Root, file))];

    [Theory]
    [MemberData(nameof(Programs))]
    public void A_service_s_program_is_a_table_of_contents(string program) =>
        Assert.InRange(File.ReadAllLines(Path.Combine(Root, program)).Count(line => !line.StartsWith("using ", StringComparison.Ordinal)), 1, 36);

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "EnergyAspire.sln")))
            folder = folder.Parent;

        return folder?.FullName ?? throw new DirectoryNotFoundException("EnergyAspire.sln is not above the tests.");
    }
}
