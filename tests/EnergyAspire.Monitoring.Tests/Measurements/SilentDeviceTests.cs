using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;

namespace EnergyAspire.Monitoring.Tests.Measurements;

public sealed class SilentDeviceTests(MonitoringFixture monitoring)
{
    [Fact]
    public async Task A_device_is_silent_after_four_of_its_intervals_or_when_it_never_reported()
    {
        // They report every ten minutes.
        var (lively, late, silent, forgotten, never) = (
            await monitoring.DeviceAsync(), await monitoring.DeviceAsync(), await monitoring.DeviceAsync(), await monitoring.DeviceAsync(),
            await monitoring.DeviceAsync());
        var now = DateTimeOffset.UtcNow;
        var newest = new Dictionary<Guid, DateTimeOffset>
        {
            [lively] = now.AddMinutes(-10),
            [late] = now.AddMinutes(-38),
            [silent] = now.AddMinutes(-41),
            [forgotten] = now.AddDays(-30),
        };
        await monitoring.PublishAsync(newest.SelectMany(device => new[]
        {
            MonitoringFixture.Reading(device.Key, device.Value.AddHours(-3), 0.5m), MonitoringFixture.Reading(device.Key, device.Value, 0.5m),
        }));
        var devices = newest.Keys.ToArray();
        await Eventually.TrueAsync(
            async () => await monitoring.ScalarAsync<long>("select count(*) from readings where device_id = any($1)", devices) == 8, "the readings are stored");

        var answer = await AskAsync();
        var mine = answer.GetProperty("devices").EnumerateArray()
            .Select(device => (Id: device.GetProperty("id").GetGuid(), Last: device.GetProperty("last_reading")))
            .Where(device => newest.ContainsKey(device.Id)).ToList();

        Assert.Equal(silent, mine[0].Id);
        Assert.Equal(newest[silent].ToUnixTimeSeconds(), mine[0].Last.GetDateTimeOffset().ToUnixTimeSeconds());
        // Those that were heard of last come first, and a hundred of other tests may have been heard of since.
        if (mine is [_, var second])
        {
            Assert.Equal(forgotten, second.Id);
            // What is long ago is known to the hour.
            Assert.InRange(newest[forgotten] - second.Last.GetDateTimeOffset(), TimeSpan.Zero, TimeSpan.FromHours(1));
        }
        else
        {
            Assert.Equal(100, answer.GetProperty("devices").GetArrayLength());
            Assert.All(answer.GetProperty("devices").EnumerateArray(), device => Assert.True(device.GetProperty("last_reading").GetDateTimeOffset() > newest[forgotten]));
        }

        // Others have made devices that never reported too, perhaps more than are shown.
        Assert.True(answer.GetProperty("count").GetInt32() >= 3);
        Assert.True(answer.GetProperty("devices").GetArrayLength() <= 100);
        var neverHeardOf = answer.GetProperty("devices").EnumerateArray()
            .SkipWhile(device => device.GetProperty("last_reading").ValueKind != JsonValueKind.Null).ToList();
        Assert.All(neverHeardOf, device => Assert.Equal(JsonValueKind.Null, device.GetProperty("last_reading").ValueKind));
        Assert.True(neverHeardOf.Count == 0 || answer.GetProperty("count").GetInt32() > 100
            || neverHeardOf.Exists(device => device.GetProperty("id").GetGuid() == never));
    }

    private async Task<JsonElement> AskAsync()
    {
        using var admin = monitoring.Service.ClientOf(DevelopmentData.Admin);
        return await admin.GetFromJsonAsync<JsonElement>(
            new Uri("/api/monitoring/silent-devices", UriKind.Relative), TestContext.Current.CancellationToken);
    }
}
