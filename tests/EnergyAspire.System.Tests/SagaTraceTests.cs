using System.Net;
using System.Net.Http.Json;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;

namespace EnergyAspire.System.Tests;

public sealed class SagaTraceTests(SystemFixture system)
{
    [Fact]
    public async Task A_registration_is_one_trace_from_the_gateway_through_every_step_to_the_event_in_monitoring()
    {
        var (status, traceId) = await RegisterAsync("registered@example.com");

        Assert.Equal(HttpStatusCode.Created, status);
        await HasSpansAsync(
            traceId,
            (ResourceNames.Identity, "saga Registration"), (ResourceNames.Identity, "step login"), (ResourceNames.Identity, "step profile"),
            (ResourceNames.Identity, "step device_copy"), (ResourceNames.Identity, "step activation"), (ResourceNames.Users, "POST /api/users"),
            (ResourceNames.Devices, "PUT /internal/users/{id:guid}"), (ResourceNames.Identity, "user_created send"),
            (ResourceNames.Monitoring, "user_created handle"));
    }

    [Fact]
    public async Task A_registration_that_is_refused_shows_its_compensation_in_the_same_trace()
    {
        var (status, traceId) = await RegisterAsync("no address");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        await HasSpansAsync(
            traceId,
            (ResourceNames.Identity, "step login"), (ResourceNames.Identity, "step profile"), (ResourceNames.Users, "POST /api/users"),
            (ResourceNames.Identity, "compensate login"));
    }

    private async Task<(HttpStatusCode Status, string TraceId)> RegisterAsync(string email)
    {
        var traceId = Guid.NewGuid().ToString("N");
        using var client = new HttpClient { BaseAddress = system.Gateway };
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/api/auth/register", UriKind.Relative))
        {
            Content = JsonContent.Create(new { username = $"traced-{traceId[..8]}", password = "correct horse battery", email }),
            Headers = { { "traceparent", $"00-{traceId}-00f067aa0ba902b7-01" } },
        };
        using var answer = await client.SendAsync(request);

        return (answer.StatusCode, traceId);
    }

    private Task HasSpansAsync(string traceId, params (string Resource, string Name)[] expected) => Eventually.TrueAsync(
        async () =>
        {
            var spans = await system.Dashboard.TraceAsync(traceId);
            return expected.All(wanted => spans.Any(span => span.Resource == wanted.Resource && span.Name.StartsWith(wanted.Name, StringComparison.Ordinal)));
        },
        $"the trace {traceId} has all of {string.Join(", ", expected)}", TimeSpan.FromMinutes(1));
}
