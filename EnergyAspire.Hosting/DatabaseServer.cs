using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Npgsql;

namespace EnergyAspire.Hosting;

/// <summary>PostgreSQL for all services, and a database in it for each.</summary>
public static class DatabaseServerExtensions
{
    // For many small commits of readings: room for the pages that a day of readings touches again and again, and few checkpoints, because
    // after each every page is written to the log as a whole once more; compressed, those cost half.
    private static readonly string[] Settings =
        ["max_connections=200", "shared_buffers=1GB", "max_wal_size=8GB", "checkpoint_timeout=15min", "wal_compression=on"];

    // Data that is thrown away need not survive a power cut. Tests run many services at once.
    private static readonly string[] TemporarySettings = ["max_connections=500", "shared_buffers=64MB", "fsync=off", "full_page_writes=off"];

    /// <summary>
    /// Adds PostgreSQL: the existing server that <c>ConnectionStrings:<paramref name="name"/></c> names, by an account that may create roles and
    /// databases; else one from <see cref="ServerSource"/>.
    /// </summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">Resource name.</param>
    /// <param name="port">Port on this machine; a free one when null, or when ports are random.</param>
    public static DatabaseServer AddDatabaseServer(this IDistributedApplicationBuilder builder, string name, int? port = null)
    {
        if (builder.Configuration.GetConnectionString(name) is { } existing)
            return new DatabaseServer(builder, builder.AddConnectionString(name), ExistingAddress(existing));

        var arguments = (builder.KeepsData || builder.WritesDurably ? Settings : TemporarySettings).SelectMany(setting => new[] { "-c", setting }).ToArray();
        if (builder.ChooseServerSource() == ServerSource.Local)
        {
            var local = builder.AddLocalPostgres(name, port).WithArgs(arguments).OnResourceReady(CloseMaintenanceDatabasesAsync);
            return new DatabaseServer(builder, local, Address(local.Resource.PrimaryEndpoint));
        }

        var container = builder.AddPostgres(name, port: port).WithArgs(arguments).OnResourceReady(CloseMaintenanceDatabasesAsync);
        if (builder.KeepsData)
            container.WithDataVolume();
        return new DatabaseServer(builder, container, Address(container.Resource.PrimaryEndpoint));
    }

    extension(IDistributedApplicationBuilder builder)
    {
        /// <summary>Whether data outlives a run; tests say <c>UseVolumes=false</c>.</summary>
        public bool KeepsData => builder.Configuration.GetValue("UseVolumes", defaultValue: true);

        // Measurements on data that is thrown away use the product's settings all the same.
        private bool WritesDurably => builder.Configuration.GetValue("DurableWrites", defaultValue: false);
    }

    // A server of this application is nobody else's, so the services' roles have no business in the databases that come with it.
    private static async Task CloseMaintenanceDatabasesAsync(IResourceWithConnectionString server, ResourceReadyEvent ready, CancellationToken cancel) =>
        await ServiceDatabase.ExecuteAsync(
            $"{await server.GetConnectionStringAsync(cancel)};Database=postgres", "revoke connect on database postgres, template1 from public", cancel);

    private static ReferenceExpression Address(EndpointReference endpoint) => ReferenceExpression.Create(
        $"Host={endpoint.Property(EndpointProperty.Host)};Port={endpoint.Property(EndpointProperty.Port)}");

    private static ReferenceExpression ExistingAddress(string connectionString)
    {
        var address = new NpgsqlConnectionStringBuilder(connectionString);
        foreach (var personal in new[] { "Username", "Password", "Database" })
            address.Remove(personal);

        return ReferenceExpression.Create($"{address.ConnectionString}");
    }
}

/// <summary>A PostgreSQL server, wherever it comes from.</summary>
/// <param name="Builder">The application.</param>
/// <param name="Server">The server; its connection string is the administrator's.</param>
/// <param name="Address">Host, port and whatever else a connection string needs besides database, user and password.</param>
public sealed record DatabaseServer(
    IDistributedApplicationBuilder Builder, IResourceBuilder<IResourceWithConnectionString> Server, ReferenceExpression Address)
{
    /// <summary>
    /// Adds a database that belongs to one service: its role owns it and can reach no other. Both are made when the server is ready, and made to
    /// match again at each start. <c>ConnectionStrings:<paramref name="name"/></c> names one that exists and is used as it is.
    /// </summary>
    /// <param name="name">Resource name.</param>
    /// <param name="database">Name of the database.</param>
    /// <param name="role">Name of the role.</param>
    public IResourceBuilder<IResourceWithConnectionString> AddServiceDatabase(string name, string database, string role)
    {
        if (Builder.Configuration.GetConnectionString(name) is not null)
            return Builder.AddConnectionString(name);

        var password = Builder.AddParameter($"{name}-password", new GenerateParameterDefault { MinLength = 22, Special = false }, secret: true, persist: true);
        var provisioning = new ServiceDatabase(database, role, password.Resource);
        Server.OnResourceReady(async (server, _, cancel) => await provisioning.ProvisionAsync((await server.GetConnectionStringAsync(cancel))!, cancel));

        return Builder.AddConnectionString(name, ReferenceExpression.Create($"{Address};Database={database};Username={role};Password={password}"))
            .WithIconName("Database")
            .WithParentRelationship(Server)
            .WaitFor(Server);
    }
}
