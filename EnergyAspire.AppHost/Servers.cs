using Microsoft.Extensions.Configuration;
using Npgsql;

namespace EnergyAspire.AppHost;

/// <summary>The servers that everything else uses: started by this application, or existing ones named in configuration.</summary>
internal static class Servers
{
    // For many small commits of readings: room for the pages that a day of readings touches again and again, and few checkpoints, because
    // after each every page is written to the log as a whole once more; compressed, those cost half.
    private static readonly string[] DatabaseSettings =
        ["shared_buffers=1GB", "max_wal_size=8GB", "checkpoint_timeout=15min", "wal_compression=on", "max_connections=200"];

    /// <summary>PostgreSQL for all services; <c>ConnectionStrings:postgres</c> names an existing one, by an account that may create roles and databases.</summary>
    public static DatabaseServer AddDatabaseServer(this IDistributedApplicationBuilder builder, string name, int port)
    {
        if (builder.Configuration.GetConnectionString(name) is { } existing)
            return new DatabaseServer(builder, Own: null, existing);

        var postgres = builder.AddPostgres(name, port: port).WithArgs([.. DatabaseSettings.SelectMany(setting => new[] { "-c", setting })]);
        if (builder.KeepsData)
            postgres.WithDataVolume();
        postgres.OnResourceReady((server, _, cancel) => ServiceDatabase.CloseMaintenanceDatabasesAsync(server, cancel));
        return new DatabaseServer(builder, postgres, Existing: null);
    }

    /// <summary>RabbitMQ with its management page; <c>ConnectionStrings:messaging</c> names an existing broker.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddBroker(
        this IDistributedApplicationBuilder builder, string name, int port, int managementPort)
    {
        if (builder.Configuration.GetConnectionString(name) is not null)
            return builder.AddConnectionString(name);

        var broker = builder.AddRabbitMQ(name, port: port)
            .WithManagementPlugin(managementPort)
            .WithBindMount(Path.Combine(AppContext.BaseDirectory, "rabbitmq.conf"), "/etc/rabbitmq/conf.d/50-queues.conf", isReadOnly: true)
            .WithUrlForEndpoint("management", url => url.DisplayText = "Queues");
        return builder.KeepsData ? broker.WithDataVolume() : broker;
    }

    extension(IDistributedApplicationBuilder builder)
    {
        /// <summary>Whether data outlives a run; tests say no.</summary>
        public bool KeepsData => builder.Configuration.GetValue("UseVolumes", defaultValue: true);
    }
}

/// <summary>Where the services' databases are.</summary>
/// <param name="Builder">The application.</param>
/// <param name="Own">The server that this application starts.</param>
/// <param name="Existing">Connection string of an existing server; exactly one of both is given.</param>
internal sealed record DatabaseServer(
    IDistributedApplicationBuilder Builder, IResourceBuilder<PostgresServerResource>? Own, string? Existing)
{
    /// <summary>
    /// A database that belongs to one service: its role owns it and can reach no other.
    /// <c>ConnectionStrings:name</c> names one that exists and is used as it is.
    /// </summary>
    public IResourceBuilder<IResourceWithConnectionString> AddServiceDatabase(string name, string databaseName, string role)
    {
        if (Builder.Configuration.GetConnectionString(name) is not null)
            return Builder.AddConnectionString(name);

        var password = Builder.AddParameter($"{name}-password", new GenerateParameterDefault { MinLength = 22, Special = false }, secret: true, persist: true);
        var service = new ServiceDatabase(databaseName, role, password.Resource);

        if (Own is null)
        {
            Builder.OnBeforeStart((_, cancel) => service.ProvisionExistingServerAsync(Existing!, cancel));
            var address = new NpgsqlConnectionStringBuilder(Existing);
            foreach (var personal in new[] { "Username", "Password", "Database" })
                address.Remove(personal);
            return Builder.AddConnectionString(
                name, ReferenceExpression.Create($"{address.ConnectionString};Database={databaseName};Username={role};Password={password}"));
        }

        var database = Own.AddDatabase($"{name}-database", databaseName)
            .OnResourceReady(async (ready, _, cancel) =>
                await service.ProvisionAsync((await ready.ConnectionStringExpression.GetValueAsync(cancel))!, cancel));
        var host = Own.Resource.PrimaryEndpoint.Property(EndpointProperty.Host);
        var port = Own.Resource.PrimaryEndpoint.Property(EndpointProperty.Port);
        return Builder.AddConnectionString(
                name, ReferenceExpression.Create($"Host={host};Port={port};Database={databaseName};Username={role};Password={password}"))
            .WithParentRelationship(database)
            .WaitFor(database);
    }
}
