using System.Text.RegularExpressions;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;

namespace EnergyAspire.Architecture.Tests;

public sealed partial class VersionTests
{
    [Fact]
    public async Task The_changelog_tells_of_the_version()
    {
        var changelog = await File.ReadAllTextAsync(Path.Combine(Repository.Folder, "CHANGELOG.md"), TestContext.Current.CancellationToken);

        Assert.Equal(ProductVersion.Current, Release().Match(changelog).Groups["version"].Value);
    }

    [GeneratedRegex(@"^## \[(?<version>\d[^\]]*)\]", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Release();
}
