using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.Testing;

namespace EnergyAspire.System.Tests;

/// <summary>Readings of ten weeks for the development devices, up to the day where the simulator begins, and a device that is silent since; published once.</summary>
public sealed class History
{
    /// <summary>Name of the device that the simulator doesn't know.</summary>
    public const string SilentDevice = "Garden pump";

    private const int Days = 70;
    private const string Cut = "{\"timestamp\": \"2026-11-";

    private readonly Lock _lock = new();
    private Task? _publishing;

    /// <summary>The saga of somebody's registration.</summary>
    public Guid Saga { get; private set; }

    public Task PublishAsync(SystemFixture system)
    {
        lock (_lock)
        {
            return _publishing ??= PublishOnceAsync(system);
        }
    }

    private async Task PublishOnceAsync(SystemFixture system)
    {
        using var client = await system.SignInAsync("admin", "admin123");
        using var person = await client.PostAsJsonAsync(
            new Uri("/api/auth/register", UriKind.Relative),
            new { username = "carla", password = "sunny-roof-7", fname = "Carla", lname = "Neumann", email = "carla@example.com" });
        person.EnsureSuccessStatusCode();
        var sagas = await client.GetFromJsonAsync<JsonElement[]>(new Uri("/api/auth/sagas?type=registration", UriKind.Relative));
        Saga = sagas!.Single(saga => saga.GetProperty("username").GetString() == "carla").GetProperty("id").GetGuid();
        using var registered = await client.PostAsJsonAsync(new Uri("/api/devices", UriKind.Relative), new
        {
            name = SilentDevice,
            description = "Waters the beds behind the house",
            max_consumption = 0.8,
            price = 0.32,
            time_zone = "Europe/Berlin",
            reporting_interval_seconds = 600,
        });
        registered.EnsureSuccessStatusCode();
        var devices = (await client.GetFromJsonAsync<JsonElement[]>(new Uri("/api/devices", UriKind.Relative)))!;
        // The simulator begins a day before the system's start.
        var end = new DateTimeOffset(DateTime.UtcNow.Date.AddHours(DateTime.UtcNow.Hour), TimeSpan.Zero).AddHours(-24);
        foreach (var device in devices)
            await system.PublishAsync(Readings(device, end));
        await system.PublishAsync(Refused(devices[0].GetProperty("id").GetGuid(), end));
        await DiscardAsync(client);

        var (last, day) = (devices[^1].GetProperty("id").GetGuid(), end.AddDays(2 - Days).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        await Eventually.TrueAsync(
            async () =>
            {
                var answer = await client.GetFromJsonAsync<JsonElement>(
                    new Uri($"/api/monitoring/hourly/daily?device_id={last}&date={day}", UriKind.Relative));
                return answer.GetProperty("measurement_count").GetInt32() > answer.GetProperty("expected_count").GetInt32() / 2;
            },
            "the history is counted", TimeSpan.FromMinutes(2));
    }

    /// <summary>Discards the reading that is cut off.</summary>
    private static async Task DiscardAsync(HttpClient client)
    {
        var cut = await Eventually.GetAsync(
            async () => (await client.GetFromJsonAsync<JsonElement[]>(new Uri("/api/monitoring/quarantine?reason=malformed", UriKind.Relative)))!
                .FirstOrDefault(reading => reading.GetProperty("body").GetString() == Cut),
            reading => reading.ValueKind == JsonValueKind.Object, "the cut reading is in quarantine");
        using var discarded = await client.PostAsync(
            new Uri($"/api/monitoring/quarantine/{cut.GetProperty("id").GetGuid()}/discard", UriKind.Relative), content: null);
        discarded.EnsureSuccessStatusCode();
    }

    /// <summary>A household's days below the limit, with a gap of hours now and then and single readings missing.</summary>
    private static IEnumerable<string> Readings(JsonElement device, DateTimeOffset end)
    {
        var id = device.GetProperty("id").GetGuid();
        var interval = device.GetProperty("reporting_interval_seconds").GetInt32();
        var (limit, random) = (device.GetProperty("max_consumption").GetDouble(), new Random(id.GetHashCode()));
        var messages =
            from number in Enumerable.Range(1, Days * 86_400 / interval)
            let time = end.AddSeconds(-interval * number)
            where (time.DayOfYear % 19, time.Hour / 6) is not (3, 2) && random.Next(1000) > 0
            let load = 0.12 + (0.25 * Bump(time, 7, 2)) + (0.5 * Bump(time, 19, 2.5))
            let day = 0.85 + (0.3 * ((time.DayOfYear * 7919 % 100) / 100.0))
            select new Dictionary<string, object>
            {
                ["timestamp"] = time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
                ["device_id"] = id,
                ["measurement_value"] = Math.Round(limit * interval / 3600 * load * day * (0.9 + (0.2 * random.NextDouble())), 6),
            };

        return messages.Chunk(1000).Select(message => JsonSerializer.Serialize(message));
    }

    private static IEnumerable<string> Refused(Guid device, DateTimeOffset end) =>
    [
        "not a reading",
        Cut,
        $$"""{"timestamp": "{{end:O}}", "device_id": "{{device}}", "measurement_value": -1}""",
        $$"""{"timestamp": "{{end:O}}", "device_id": "{{Guid.NewGuid()}}", "measurement_value": 0.2}""",
        $$"""{"timestamp": "{{end.AddDays(30):O}}", "device_id": "{{device}}", "measurement_value": 0.2}""",
    ];

    private static double Bump(DateTimeOffset time, double hour, double width) =>
        Math.Exp(-Math.Pow((time.TimeOfDay.TotalHours - hour) / width, 2));
}
