using System.Text.Json;
using EnergyAspire.Contracts;
using EnergyAspire.Monitoring.Readings;
using Microsoft.AspNetCore.Http.Connections;
using RabbitMQ.Client;

namespace EnergyAspire.Monitoring.Live;

/// <summary>Registers and maps live updates.</summary>
public static class LiveEndpoints
{
    // Enough for a call with a thousand ids.
    private const int LargestMessage = 64 * 1024;

    /// <summary>Adds the hub and its workers. Replicas send each other committed changes through the broker.</summary>
    public static IHostApplicationBuilder AddLive(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSignalR(hub => hub.MaximumReceiveMessageSize = LargestMessage)
            .AddJsonProtocol(json => json.PayloadSerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower);
        builder.Services.AddSingleton<LiveFeed>();
        builder.Services.AddSingleton<ICommitObserver>(services => services.GetRequiredService<LiveFeed>());
        builder.Services.AddSingleton<LiveChanges>();
        builder.Services.AddSingleton<LiveWatchers>();
        builder.Services.AddSingleton<LiveMetrics>();
        builder.Services.AddHostedService<LivePublisher>();
        builder.Services.AddHostedService<LiveListener>();
        builder.Services.AddHostedService<LivePusher>();
        builder.Services.AddHostedService<LiveStandings>();

        return builder;
    }

    /// <summary>
    /// Maps the hub at <c>/api/monitoring/live</c>. It accepts WebSockets only: other transports would need sticky sessions with several replicas.
    /// </summary>
    public static void MapLive(this IEndpointRouteBuilder routes) => routes
        .MapHub<LiveHub>("/api/monitoring/live", connections =>
        {
            connections.Transports = HttpTransportType.WebSockets;
            connections.CloseOnAuthenticationExpiration = true;
        })
        .RequireAuthorization();

    /// <summary>Declares the exchange, which is transient: it is gone after a restart of the broker.</summary>
    internal static Task DeclareLiveExchangeAsync(this IChannel channel, CancellationToken cancel) =>
        channel.ExchangeDeclareAsync(Topology.LiveExchange, ExchangeType.Fanout, durable: false, cancellationToken: cancel);
}

/// <summary>Methods that the hub calls on its clients.</summary>
internal static class LiveMethods
{
    /// <summary>An array of <see cref="LiveDevice"/>: the current state of these devices.</summary>
    public const string Devices = "devices";

    /// <summary>An alert of a device that the account may see.</summary>
    public const string Alert = "alert";
}
