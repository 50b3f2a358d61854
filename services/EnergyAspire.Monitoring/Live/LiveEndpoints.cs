using System.Text.Json;
using EnergyAspire.Contracts;
using EnergyAspire.ServiceDefaults;
using Microsoft.AspNetCore.Http.Connections;
using RabbitMQ.Client;

namespace EnergyAspire.Monitoring.Live;

/// <summary>Live updates.</summary>
public static class LiveEndpoints
{
    // A thousand ids and what is around them.
    private const int LargestMessage = 64 * 1024;

    /// <summary>Adds the hub and what feeds it: the replicas tell each other through the broker what they committed.</summary>
    public static IHostApplicationBuilder AddLive(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSignalR(hub => hub.MaximumReceiveMessageSize = LargestMessage)
            .AddJsonProtocol(json => json.PayloadSerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower);
        builder.Services.AddSingleton<LiveChanges>();
        builder.Services.AddSingleton<LiveWatchers>();
        builder.Services.AddSingleton<LiveMetrics>();
        if (OpenApiExtensions.IsGeneratingDocuments)
            return builder;

        builder.Services.AddHostedService<LivePublisher>();
        builder.Services.AddHostedService<LiveListener>();
        builder.Services.AddHostedService<LivePusher>();
        builder.Services.AddHostedService<LiveStandings>();

        return builder;
    }

    /// <summary>Maps the hub at <c>/api/monitoring/live</c>, by WebSocket only: with several replicas every other way needs the same one each time.</summary>
    public static void MapLive(this IEndpointRouteBuilder routes) => routes
        .MapHub<LiveHub>("/api/monitoring/live", connections =>
        {
            connections.Transports = HttpTransportType.WebSockets;
            connections.CloseOnAuthenticationExpiration = true;
        })
        .RequireAuthorization();

    /// <summary>Declares the exchange, which lives as long as the broker runs.</summary>
    internal static Task DeclareLiveExchangeAsync(this IChannel channel, CancellationToken cancel) =>
        channel.ExchangeDeclareAsync(Topology.LiveExchange, ExchangeType.Fanout, durable: false, cancellationToken: cancel);
}

/// <summary>What the hub calls on its clients.</summary>
internal static class LiveMethods
{
    /// <summary>An array of <see cref="LiveDevice"/>: where these devices stand now.</summary>
    public const string Devices = "devices";

    /// <summary>An alert of a device that the account may see.</summary>
    public const string Alert = "alert";
}
