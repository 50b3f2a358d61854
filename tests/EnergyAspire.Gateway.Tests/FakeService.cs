using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EnergyAspire.Gateway.Tests;

/// <summary>A request as a service behind the gateway saw it.</summary>
public sealed record SeenRequest(string Method, string Path, IReadOnlyDictionary<string, string> Headers)
{
    public string? Header(string name) => Headers.GetValueOrDefault(name);
}

/// <summary>A service behind the gateway that remembers what it was asked and says its name.</summary>
public sealed class FakeService : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakeService(WebApplication app) => _app = app;

    public ConcurrentQueue<SeenRequest> Requests { get; } = new();

    public string Address => _app.Urls.Single();

    /// <summary>What it answers; by default 200 and its name.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = null!;

    public static async Task<FakeService> StartAsync(string name)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel =>
        {
            // As the services read and write headers.
            kestrel.RequestHeaderEncodingSelector = _ => Encoding.Latin1;
            kestrel.ResponseHeaderEncodingSelector = _ => Encoding.Latin1;
        });
        var app = builder.Build();
        var service = new FakeService(app) { Answer = http => http.Response.WriteAsJsonAsync(new { service = name, path = http.Request.Path.Value }) };

        app.UseWebSockets();
        app.Run(http =>
        {
            service.Requests.Enqueue(new SeenRequest(
                http.Request.Method, http.Request.Path,
                http.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase)));

            return service.Answer(http);
        });
        await app.StartAsync();

        return service;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
