using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace EnergyAspire.Hosting;

/// <summary>Redis from the programs of this machine.</summary>
public sealed class LocalRedisResource(string name, string folder, ParameterResource secret) : LocalServerResource(name, folder, secret, stopSignal: "TERM")
{
    /// <inheritdoc />
    public override ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create(
        $"{PrimaryEndpoint.Property(EndpointProperty.HostAndPort)},password={Password}");

    private protected override string[] Arguments => [Path.Combine(WorkingDirectory, "redis.conf")];

    private protected override string FindProgram() => Find("redis-server", "redis-server", []);

    // The password is in a file, because everybody on this machine can read command lines. Every change is written to the append-only file within
    // a second.
    private protected override async Task PrepareAsync(ILogger logger, CancellationToken cancel) => await File.WriteAllTextAsync(
        Path.Combine(WorkingDirectory, "redis.conf"),
        $"""
        bind 127.0.0.1
        port {PrimaryEndpoint.Port}
        dir {WorkingDirectory}
        requirepass {await Password.GetValueAsync(cancel)}
        appendonly yes
        save ""

        """,
        cancel);
}

internal static class LocalRedisExtensions
{
    /// <summary>Adds Redis from the programs of this machine.</summary>
    public static IResourceBuilder<LocalRedisResource> AddLocalRedis(this IDistributedApplicationBuilder builder, string name, int? port)
    {
        var password = ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(builder, $"{name}-password", special: false);
        var server = new LocalRedisResource(name, LocalFolders.For(builder, name), password);

        builder.Services.AddConnectionCheck($"{name}_check", async cancel =>
        {
            await using var connection = await ConnectionMultiplexer.ConnectAsync((await server.ConnectionStringExpression.GetValueAsync(cancel))!);
        });

        return LocalServerResource.AddTo(builder, server, ("tcp", port, "tcp"))
            .WithIconName("Memory")
            .WithHealthCheck($"{name}_check");
    }
}
