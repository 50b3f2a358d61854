using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using EnergyAspire.Identity.Data;
using EnergyAspire.Identity.Sagas;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;

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

    [Fact]
    public async Task A_saga_that_another_replica_left_leaves_traces_although_looking_for_it_does_not()
    {
        var trace = ActivityTraceId.CreateRandom();
        var suppressed = new TaskCompletionSource<bool>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "EnergyAspire.Identity.Sagas",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStarted = activity =>
            {
                if (activity.TraceId == trace)
                    suppressed.TrySetResult(Sdk.SuppressInstrumentation);
            },
        };
        ActivitySource.AddActivityListener(listener);

        await using var scope = fixture.Identity.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AuthDbContext>();
        var now = DateTimeOffset.UtcNow;
        db.Sagas.Add(new Saga
        {
            Id = Guid.CreateVersion7(),
            Type = SagaType.Registration,
            Subject = Guid.CreateVersion7(),
            Username = "left-behind",
            Data = "{}",
            Steps = [new StepProgress { Name = "login" }],
            StartedAt = now,
            NextAttemptAt = now,
            Deadline = now.AddSeconds(3),
            LeasedUntil = now.AddSeconds(-1),
            Actor = "",
            TraceParent = $"00-{trace}-{ActivitySpanId.CreateRandom()}-01",
        });
        await db.SaveChangesAsync();

        Assert.False(await suppressed.Task.WaitAsync(TimeSpan.FromMinutes(1)));
    }
}
