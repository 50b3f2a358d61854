using System.Text.Json;

namespace EnergyAspire.Benchmarks.Tests;

public sealed class SmokeTests
{
    private static readonly string[] Figures =
    [
        "end_to_end_per_s", "database_ceiling_per_s", "broker_ceiling_per_s", "rate_at_20m_ratio", "query_p99_ms", "visible_p99_ms", "service_memory_mb",
    ];

    [Fact]
    public async Task A_small_run_of_the_benchmark_measures_everything_and_finds_the_totals_exact()
    {
        var file = Path.Combine(Path.GetTempPath(), $"benchmark-{Guid.NewGuid():N}.json");
        var output = new StringWriter();

        var exitCode = await BenchmarkCommand.InvokeAsync(
            ["--devices", "500", "--readings", "5000", "--rows", "40000", "--runs", "1", "--live-seconds", "2", "--json", file], output);

        Assert.True(exitCode == 0, output.ToString());
        using var figures = JsonDocument.Parse(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
        File.Delete(file);
        Assert.True(figures.RootElement.GetProperty("totals_exact").GetBoolean(), output.ToString());
        Assert.All(Figures, name => Assert.True(figures.RootElement.GetProperty(name).GetDouble() > 0, $"{name} in {output}"));
    }
}
