using System.Text.Json;

namespace EnergyAspire.Chaos.Tests;

public sealed class ChaosTests
{
    [Fact]
    public async Task Nothing_is_lost_or_doubled_when_service_broker_and_database_are_killed()
    {
        var file = Path.Combine(Path.GetTempPath(), $"chaos-{Guid.NewGuid():N}.json");
        var output = new StringWriter();

        var exitCode = await ChaosCommand.InvokeAsync(
            ["--devices", "60", "--days", "1", "--kills", "1", "--seconds", "10", "--seed", "7", "--json", file], output);

        Assert.True(exitCode == 0, output.ToString());
        using var result = JsonDocument.Parse(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
        File.Delete(file);
        var kills = result.RootElement.GetProperty("kills");
        Assert.Equal(3, kills.GetArrayLength());
        Assert.All(kills.EnumerateArray(), kill => Assert.True(kill.GetProperty("with_work_in_hand").GetBoolean(), output.ToString()));
        Assert.True(result.RootElement.GetProperty("hours_compared").GetInt32() >= 60 * 23, output.ToString());
    }
}
