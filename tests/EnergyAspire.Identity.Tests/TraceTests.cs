using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;

namespace EnergyAspire.Identity.Tests;

public sealed class TraceTests(IdentityFixture fixture)
{
    [Fact]
    public async Task A_sign_in_goes_on_with_the_gateway_s_trace_down_to_its_sql()
    {
        var trace = ActivityTraceId.CreateRandom();
        var sources = new ConcurrentBag<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Microsoft.AspNetCore" or "Npgsql",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStarted = activity =>
            {
                if (activity.TraceId == trace)
                    sources.Add(activity.Source.Name);
            },
        };
        ActivitySource.AddActivityListener(listener);

        using var client = fixture.Identity.CreateClient();
        client.DefaultRequestHeaders.Add("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-01");
        using var answer = await client.PostAsJsonAsync("/api/auth/login", new { username = "alice", password = "alice123" });

        Assert.True(answer.IsSuccessStatusCode);
        Assert.Contains("Microsoft.AspNetCore", sources);
        Assert.Contains("Npgsql", sources);
    }
}
