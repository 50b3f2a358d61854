using System.Text.RegularExpressions;
using EnergyAspire.ServiceDefaults;

namespace EnergyAspire.System.Tests;

/// <summary>The doctor as a resource of the AppHost.</summary>
public sealed partial class DoctorTests(SystemFixture system)
{
    [Fact]
    public async Task The_doctor_finds_nothing_but_what_is_intended_on_throw_away_servers()
    {
        var (code, output) = await system.RunToEndAsync(ResourceNames.Doctor, TestContext.Current.CancellationToken);

        // Temporary servers don't wait for the disk. Other tests insert hours that the ledger doesn't know.
        var failures = Failure().Matches(output).Select(match => match.Groups["check"].Value).ToList();
        Assert.Contains("PostgreSQL: durability", failures);
        Assert.Empty(failures.Except(["PostgreSQL: durability", "ledger"], StringComparer.Ordinal));
        Assert.Equal(1, code);
        Assert.Contains("it is a quorum queue", output, StringComparison.Ordinal);
    }

    [GeneratedRegex("FAILED +(?<check>[^ ]+( [^ ]+)*)", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Failure();
}
