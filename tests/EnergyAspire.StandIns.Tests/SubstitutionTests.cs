using System.Diagnostics;
using System.Text.Json.Nodes;

namespace EnergyAspire.StandIns.Tests;

/// <summary>One property chooses between the genuine packages and the stand-ins.</summary>
public sealed class SubstitutionTests
{
    private static readonly string Project = Path.Combine(
        AppContext.BaseDirectory[..AppContext.BaseDirectory.IndexOf("/tests/", StringComparison.Ordinal)], "standins/Aspire.Hosting.RabbitMQ/Aspire.Hosting.RabbitMQ.csproj");

    [Fact]
    public async Task Without_the_genuine_packages_a_package_with_a_stand_in_becomes_a_project()
    {
        var items = await EvaluateAsync(genuine: false);

        Assert.Contains("Aspire.Hosting.AppHost", Names(items, "ProjectReference"));
        Assert.DoesNotContain("Aspire.Hosting.AppHost", Names(items, "PackageReference"));
        Assert.Contains("RabbitMQ.Client", Names(items, "PackageReference"));
    }

    [Fact]
    public async Task With_them_it_stays_a_package()
    {
        var items = await EvaluateAsync(genuine: true);

        Assert.Contains("Aspire.Hosting.AppHost", Names(items, "PackageReference"));
        Assert.Empty(Names(items, "ProjectReference"));
    }

    private static async Task<JsonNode> EvaluateAsync(bool genuine)
    {
        var start = new ProcessStartInfo(
            "dotnet", ["msbuild", Project, "-getItem:PackageReference", "-getItem:ProjectReference", $"-p:GenuineAspire={(genuine ? "true" : "false")}"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        using var msbuild = Process.Start(start)!;
        var output = await msbuild.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        return JsonNode.Parse(output)!["Items"]!;
    }

    private static IEnumerable<string> Names(JsonNode items, string kind) =>
        items[kind]!.AsArray().Select(i => Path.GetFileNameWithoutExtension(i!["Identity"]!.GetValue<string>() + (kind == "PackageReference" ? ".x" : "")));
}
