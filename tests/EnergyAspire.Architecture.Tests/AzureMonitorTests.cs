using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Text;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace EnergyAspire.Architecture.Tests;

public sealed class AzureMonitorTests
{
    [Fact]
    public async Task Logs_and_traces_go_to_Azure_Monitor_if_the_setting_names_it()
    {
        using var azure = new HttpListener();
        var address = $"http://127.0.0.1:{ServiceProcess.FreePort()}/";
        azure.Prefixes.Add(address);
        azure.Start();
        var received = new ConcurrentQueue<string>();
        _ = ReceiveAsync(azure, received);

        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(
        [
            new("APPLICATIONINSIGHTS_CONNECTION_STRING", $"InstrumentationKey={Guid.NewGuid()};IngestionEndpoint={address};LiveEndpoint={address}"),
            new("APPLICATIONINSIGHTS_STATSBEAT_DISABLED", "true"),
        ]);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddServiceDefaults();
        await using var app = builder.Build();
        app.MapGet("/page", (ILogger<AzureMonitorTests> logger) =>
        {
#pragma warning disable CA1848, CA1873 // One line of a test needs no generated method.
            logger.LogInformation("a line for Azure Monitor");
#pragma warning restore CA1848, CA1873
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };

        await Eventually.GetAsync(
            async () =>
            {
                // Of many traces in a second, as other tests make them, only some are sent.
                using var answer = await client.GetAsync(new Uri("/page", UriKind.Relative), TestContext.Current.CancellationToken);
                return string.Join('\n', received);
            },
            text => text.Contains("a line for Azure Monitor", StringComparison.Ordinal) && text.Contains("RequestData", StringComparison.Ordinal),
            "the log and the trace arrive");
    }

    /// <summary>Accepts telemetry until the listener is closed.</summary>
    private static async Task ReceiveAsync(HttpListener azure, ConcurrentQueue<string> received)
    {
        while (azure.IsListening)
        {
            try
            {
                var request = await azure.GetContextAsync();
                await using var body = request.Request.Headers["Content-Encoding"] == "gzip"
                    ? new GZipStream(request.Request.InputStream, CompressionMode.Decompress)
                    : request.Request.InputStream;
                using var reader = new StreamReader(body);
                var text = await reader.ReadToEndAsync();
                received.Enqueue($"{request.Request.Url!.AbsolutePath}: {text}");
                var items = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;
                await request.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes($$"""{"itemsReceived": {{items}}, "itemsAccepted": {{items}}, "errors": []}"""));
                request.Response.Close();
            }
            catch (Exception end) when (end is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}
