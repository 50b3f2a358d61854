using System.Collections.Concurrent;
using System.Diagnostics;
using EnergyAspire.Contracts;
using EnergyAspire.Testing;

namespace EnergyAspire.Messaging.Tests;

public sealed class TraceTests(TestServers servers) : IDisposable
{
    private static readonly ActivitySource Changes = new("EnergyAspire.Messaging.Tests");

    private readonly ConcurrentQueue<Activity> _spans = new();
    private ActivityListener? _listener;

    [Fact]
    public async Task One_trace_leads_from_the_change_to_the_handler()
    {
        Listen();
        await using var wire = await Wire.OpenAsync(servers);
        var database = await Node.CreateDatabaseAsync(servers);
        await using var sender = await Node.StartAsync(database, servers.Broker, outbox: true);
        ActivityTraceId? inHandler = null;
        await using var receiver = await Node.StartAsync(database, servers.Broker, handle: _ =>
        {
            inHandler = Activity.Current?.TraceId;
            return Task.CompletedTask;
        });

        Activity change;
        using (change = Changes.StartActivity("change")!)
            await sender.RegisterAsync("alice");
        await receiver.WaitForEffectsAsync("alice");

        var handle = await Eventually.GetAsync(
            () => Task.FromResult(_spans.SingleOrDefault(span => span.OperationName == "user_created handle")),
            span => span is not null, "the handler's span ended");
        var send = _spans.Single(span => span.OperationName == "user_created send");
        Assert.Equal(change.TraceId, inHandler);
        Assert.Equal(change.SpanId, send.ParentSpanId);
        Assert.Equal(change.TraceId, handle!.TraceId);
        Assert.True(DescendsFrom(handle, send), "the handler's span comes from the sender's");
    }

    [Fact]
    public async Task The_message_carries_the_trace_context_for_clients_in_any_language()
    {
        Listen();
        await using var wire = await Wire.OpenAsync(servers);
        await using var node = await Node.StartAsync(await Node.CreateDatabaseAsync(servers), servers.Broker, outbox: true);

        Activity change;
        using (change = Changes.StartActivity("change")!)
            await node.RegisterAsync("alice");

        var message = await wire.WaitForAsync(Topology.DeviceSync.Name);
        Assert.True(ActivityContext.TryParse(message.Header("traceparent"), null, out var context));
        Assert.Equal(change.TraceId, context.TraceId);
    }

    [Fact]
    public async Task A_failed_try_is_an_error_in_the_trace()
    {
        Listen();
        await using var wire = await Wire.OpenAsync(servers);
        await using var node = await Node.StartAsync(
            await Node.CreateDatabaseAsync(servers), servers.Broker, configure: options => options.RetryDelays = [],
            handle: _ => throw new InvalidOperationException("can't swallow this"));

        await wire.PublishAsync("alice");
        await wire.WaitForAsync(Topology.DeviceSync.DeadLetterQueue);

        var handle = _spans.Single(span => span.OperationName == "user_created handle");
        Assert.Equal(ActivityStatusCode.Error, handle.Status);
        Assert.Equal("can't swallow this", handle.StatusDescription);
    }

    public void Dispose() => _listener?.Dispose();

    private void Listen()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name.StartsWith("EnergyAspire.", StringComparison.Ordinal)
                || source.Name.StartsWith("RabbitMQ.Client.", StringComparison.Ordinal),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _spans.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    private bool DescendsFrom(Activity span, Activity ancestor)
    {
        var byId = _spans.ToDictionary(other => other.SpanId);
        for (Activity? step = span; step is not null; step = byId.GetValueOrDefault(step.ParentSpanId))
        {
            if (step.ParentSpanId == ancestor.SpanId)
                return true;
        }

        return false;
    }
}
