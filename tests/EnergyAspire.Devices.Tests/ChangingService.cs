using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.Contracts;
using EnergyAspire.Messaging;
using EnergyAspire.Messaging.Sagas;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using RabbitMQ.Client;

namespace EnergyAspire.Devices.Tests;

/// <summary>An event as other services get it.</summary>
public sealed record SeenEvent(string Type, long Version, JsonElement Data)
{
    public Guid? Id(string field) => Data.TryGetProperty(field, out var id) ? id.GetGuid() : null;
}

/// <summary>One service for tests that change things; each test makes its own users and devices.</summary>
public sealed class ChangingService(TestServers servers) : IAsyncLifetime
{
    private readonly List<SeenEvent> _events = [];
    private IChannel _channel = null!;

    public ServiceHost<Program> Host { get; private set; } = null!;

    public HttpClient Admin { get; private set; } = null!;

    public HttpClient Saga { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _channel = await DeviceService.OpenChannelAsync(servers);
        Host = await DeviceService.StartAsync(servers, await DeviceService.CreateDatabaseAsync(servers), "Production");
        Admin = Host.ClientOf(DevelopmentData.Admin);
        Saga = Host.ClientWith(TestTokens.ForSaga());
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await _channel.DisposeAsync();
    }

    /// <summary>Registers a device and returns its id.</summary>
    public async Task<Guid> NewDeviceAsync(string name = "Meter")
    {
        using var answer = await Admin.PostAsJsonAsync("/api/devices", new { name, max_consumption = 2 });
        return (await answer.JsonAsync()).GetProperty("device").GetProperty("id").GetGuid();
    }

    /// <summary>Makes the copy of a new account and returns its id.</summary>
    public async Task<Guid> NewUserAsync(string username = "somebody")
    {
        var id = Guid.CreateVersion7();
        using var answer = await StepAsync(HttpMethod.Put, id, Guid.NewGuid(), Copy(username));
        answer.EnsureSuccessStatusCode();

        return id;
    }

    /// <summary>Body of a step that shows an account.</summary>
    public static object Copy(string username, string role = "client", long version = 1, long generation = 1) =>
        new { username, role, version, token_generation = generation };

    /// <summary>Asks for a step of a saga, or its compensation when the path says so.</summary>
    public async Task<HttpResponseMessage> StepAsync(HttpMethod method, Guid userId, Guid sagaId, object? body = null, string path = "")
    {
        using var request = new HttpRequestMessage(method, new Uri($"/internal/users/{userId}{path}", UriKind.Relative));
        request.Headers.Add(SagaSteps.Header, sagaId.ToString());
        if (body is not null)
            request.Content = JsonContent.Create(body);

        return await Saga.SendAsync(request);
    }

    /// <summary>Assigns a device.</summary>
    public Task<HttpResponseMessage> AssignAsync(Guid userId, Guid deviceId) =>
        Admin.PostAsJsonAsync("/api/mappings/assign", new { user_id = userId, device_id = deviceId });

    /// <summary>Sends a change of a device, guarded by a version when there is one.</summary>
    public async Task<HttpResponseMessage> ChangeAsync(HttpMethod method, Guid deviceId, object? body = null, string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(method, new Uri($"/api/devices/{deviceId}", UriKind.Relative));
        if (ifMatch is not null)
            request.Headers.Add("If-Match", ifMatch);
        if (body is not null)
            request.Content = JsonContent.Create(body);

        return await Admin.SendAsync(request);
    }

    /// <summary>Every event so far that is about an id, in the order sent.</summary>
    public async Task<List<SeenEvent>> EventsOfAsync(Guid id)
    {
        await Host.WaitUntilAllIsSentAsync();
        while (await _channel.BasicGetAsync(Topology.MonitoringSync.Name, autoAck: true) is { } message)
        {
            var envelope = JsonDocument.Parse(message.Body).RootElement;
            _events.Add(new SeenEvent(
                envelope.GetProperty("event_type").GetString()!, envelope.GetProperty("version").GetInt64(), envelope.GetProperty("data").Clone()));
        }

        return _events.FindAll(seen => seen.Id("id") == id || seen.Id("device_id") == id || seen.Id("user_id") == id);
    }

    /// <summary>Publishes an event as Identity does.</summary>
    public async Task PublishAsync<TEvent>(TEvent fact, long version)
        where TEvent : IEvent
    {
        var envelope = new EventEnvelope<TEvent>(Guid.NewGuid(), TEvent.EventType, DateTimeOffset.UtcNow, version, fact);
        await _channel.BasicPublishAsync(
            Topology.EventExchange, envelope.EventType, mandatory: true, new BasicProperties { MessageId = envelope.EventId.ToString() },
            JsonSerializer.SerializeToUtf8Bytes(envelope, MessageJson.Options));
    }

    /// <summary>Audit records about a device or user, the newest first.</summary>
    public async Task<List<JsonElement>> AuditAsync(string filter) =>
        (await Admin.GetFromJsonAsync<List<JsonElement>>(new Uri($"/api/devices/audit?{filter}", UriKind.Relative)))!;
}

internal static class AnswerExtensions
{
    public static async Task<JsonElement> JsonAsync(this HttpResponseMessage answer) => await answer.Content.ReadFromJsonAsync<JsonElement>();

    /// <summary>Reads which fields a refusal names.</summary>
    public static async Task<string[]> FieldsInErrorAsync(this HttpResponseMessage answer)
    {
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);

        return [.. (await answer.JsonAsync()).GetProperty("errors").EnumerateObject().Select(error => error.Name)];
    }
}
