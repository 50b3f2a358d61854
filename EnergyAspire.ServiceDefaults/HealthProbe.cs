using System.Net;
using Microsoft.Extensions.Hosting;

namespace EnergyAspire.ServiceDefaults;

/// <summary>
/// The mode <c>--check-health</c> of every service, for health checks of containers whose image has no shell and no curl: the program asks the
/// service that runs in the same container for <c>/health</c>, and ends. The exit code is 0 if the service is ready, otherwise 1.
/// </summary>
internal static class HealthProbe
{
    /// <summary>The argument of the program.</summary>
    public const string Argument = "--check-health";

    private const string DefaultPort = "8080";

    // A check may take some seconds while a server is unavailable, because it waits for its answer.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(8);

    /// <summary>Checks and ends the process if it was started for that; does nothing in every other process.</summary>
    public static void RunIfAsked(IHostApplicationBuilder builder, string path)
    {
        if (!Environment.GetCommandLineArgs().Contains(Argument, StringComparer.Ordinal))
            return;

        // The setting of ASPNETCORE_HTTP_PORTS; the first port is the service's own.
        var ports = builder.Configuration["HTTP_PORTS"]?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Environment.Exit(Check(new Uri($"http://127.0.0.1:{ports?.FirstOrDefault() ?? DefaultPort}{path}")));
    }

    private static int Check(Uri address)
    {
        try
        {
            using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = Timeout };
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            using var answer = client.Send(request);
            // Container engines keep the output and show it.
            using var text = new StreamReader(answer.Content.ReadAsStream());
            Console.WriteLine(text.ReadToEnd());

            return answer.StatusCode == HttpStatusCode.OK ? 0 : 1;
        }
        catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException)
        {
            Console.Error.WriteLine($"{address} can't be reached: {failure.Message}");
            return 1;
        }
    }
}
