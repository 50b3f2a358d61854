using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EnergyAspire.Services.Tests.Diagnosis;

/// <summary>Answers <c>/health</c> like a service, with another version or another clock.</summary>
internal sealed class PretendedService : IAsyncDisposable
{
    private readonly WebApplication _app;

    private PretendedService(WebApplication app) => _app = app;

    /// <summary>Where it listens.</summary>
    public string Address => _app.Urls.Single();

    /// <summary>Starts it.</summary>
    /// <param name="health">What it answers.</param>
    /// <param name="ahead">How far its clock is ahead.</param>
    public static async Task<PretendedService> StartAsync(string health, TimeSpan ahead = default, int status = StatusCodes.Status200OK)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapGet("/health", (HttpContext http) =>
        {
            http.Response.Headers.Date = (DateTimeOffset.UtcNow + ahead).ToString("R", CultureInfo.InvariantCulture);
            return Results.Text(health, statusCode: status);
        });
        await app.StartAsync();

        return new PretendedService(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
