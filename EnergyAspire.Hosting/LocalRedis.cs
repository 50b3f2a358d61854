using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace EnergyAspire.Hosting;

/// <summary>Redis from the programs of this machine.</summary>
internal sealed class LocalRedisResource(IDistributedApplicationBuilder builder, string name) : LocalServerResource(builder, name, stopSignal: "TERM")
{
    /// <inheritdoc />
    public override ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create(
        $"{PrimaryEndpoint.Property(EndpointProperty.HostAndPort)},password={Password}");

    private protected override string[] Arguments => [Path.Combine(WorkingDirectory, "redis.conf")];

    private protected override string FindProgram() => Find("redis-server", "redis-server");

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

    private protected override async Task ConnectAsync(string connectionString, CancellationToken cancel)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(connectionString);
    }
}
