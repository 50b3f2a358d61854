using EnergyAspire.Messaging.Sagas;
using EnergyAspire.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EnergyAspire.Services.Tests;

/// <summary>A call of a saga on its way to a service.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">Path.</param>
/// <param name="SagaId">Saga that calls; null when no saga does.</param>
public sealed record RelayedCall(string Method, string Path, Guid? SagaId)
{
    /// <summary>Whether it undoes a step.</summary>
    public bool IsCompensation => Path.EndsWith("/rollback", StringComparison.Ordinal);
}

/// <summary>Lets a call through, or doesn't.</summary>
/// <param name="call">The call.</param>
/// <param name="forward">Passes it on; the service has acted when it returns.</param>
/// <returns>Answer for the caller; null cuts the connection.</returns>
public delegate Task<HttpResponseMessage?> RelayBehaviour(RelayedCall call, Func<Task<HttpResponseMessage>> forward);

/// <summary>Stands before a service, on a port of its own, and does to calls what a test wants.</summary>
public sealed class Relay(Uri service) : IAsyncDisposable
{
    private readonly HttpClient _client = new() { BaseAddress = service, Timeout = TimeSpan.FromMinutes(2) };
    private readonly int _port = ServiceProcess.FreePort();
    private WebApplication? _app;

    /// <summary>Passes everything on.</summary>
    public static readonly RelayBehaviour Honest = async (_, forward) => await forward();

    /// <summary>Address to call.</summary>
    public string Address => $"http://127.0.0.1:{_port}";

    /// <summary>What happens to calls.</summary>
    public RelayBehaviour Behaviour { get; set; } = Honest;

    /// <summary>Listens.</summary>
    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(Address);
        _app = builder.Build();
        _app.Run(RelayAsync);
        await _app.StartAsync();
    }

    /// <summary>Listens no longer: calls are refused.</summary>
    public async Task StopAsync()
    {
        if (_app is null)
            return;

        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
        _app = null;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _client.Dispose();
    }

    /// <summary>Returns another relay to the same service, for other callers.</summary>
    public Relay Beside() => new(service);

    private async Task RelayAsync(HttpContext http)
    {
        var sagaId = Guid.TryParse(http.Request.Headers[SagaSteps.Header], out var id) ? id : (Guid?)null;
        var call = new RelayedCall(http.Request.Method, http.Request.Path, sagaId);
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);

        using var answer = await Behaviour(call, () => ForwardAsync(http.Request, body.ToArray()));
        if (answer is null)
        {
            http.Abort();
            return;
        }

        http.Response.StatusCode = (int)answer.StatusCode;
        http.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
        await answer.Content.CopyToAsync(http.Response.Body);
    }

    // Without the caller's cancellation: a service goes on with a call whose caller has died.
    private async Task<HttpResponseMessage> ForwardAsync(HttpRequest request, byte[] body)
    {
        using var forwarded = new HttpRequestMessage(new HttpMethod(request.Method), new Uri($"{request.Path}{request.QueryString}", UriKind.Relative));
        if (body.Length > 0)
            forwarded.Content = new ByteArrayContent(body);
        foreach (var (name, values) in request.Headers)
        {
            if (!forwarded.Headers.TryAddWithoutValidation(name, [.. values]))
                forwarded.Content?.Headers.TryAddWithoutValidation(name, [.. values]);
        }

        forwarded.Headers.Host = null;
        return await _client.SendAsync(forwarded);
    }
}
