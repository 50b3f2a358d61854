using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using EnergyAspire.Provisioning;
using EnergyAspire.ServiceDefaults;
using Microsoft.Extensions.Configuration;
using Npgsql;

namespace EnergyAspire.Hosting;

/// <summary>Adds one PostgreSQL server, with a database for each service.</summary>
public static class DatabaseServerExtensions
{
    // For many small commits of readings. The buffers hold the pages that a day of readings changes repeatedly. Checkpoints are rare, because
    // after each one the first change of a page writes the whole page to the WAL. Compression halves those writes.
    private static readonly string[] Settings =
        ["max_connections=200", "shared_buffers=1GB", "max_wal_size=8GB", "checkpoint_timeout=15min", "wal_compression=on"];

    // Temporary data need not survive a crash. Tests run many services at once.
    private static readonly string[] TemporarySettings = ["max_connections=500", "shared_buffers=64MB", "fsync=off", "full_page_writes=off"];

    /// <summary>
    /// Adds PostgreSQL: the existing server that <c>ConnectionStrings:<paramref name="name"/></c> names, by an account with the right to create
    /// roles and databases; else a server from <see cref="ServerSource"/>. A published application has a managed server in Azure instead.
    /// </summary>
    /// <param name="name">Resource name.</param>
    /// <param name="port">Port on this machine; a free one when null, or when ports are random.</param>
    /// <param name="module">Path of the bicep module of the managed server, relative to the AppHost.</param>
    public static DatabaseServer AddDatabaseServer(this IDistributedApplicationBuilder builder, string name, int? port = null, string? module = null)
    {
        if (builder.Configuration.GetConnectionString(name) is { } existing)
        {
            // A published application has the connection strings of the services' databases instead.
            var server = builder.AddConnectionString(name);
            return builder.ExecutionContext.IsPublishMode
                ? new DatabaseServer(builder, server.ExcludeFromManifest(), address: null)
                : new DatabaseServer(builder, server, ExistingAddress(existing));
        }

        if (module is not null && builder.ExecutionContext.IsPublishMode)
        {
            var password = ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(builder, $"{name}-password");
            var managed = new ManagedPostgresResource(name, Path.GetFullPath(module, builder.AppHostDirectory), password);
            return new DatabaseServer(builder, builder.AddResource(managed).WithManifestPublishingCallback(managed.WriteTo), managed.Address);
        }

        var arguments = (builder.KeepsData || builder.WritesDurably ? Settings : TemporarySettings).SelectMany(setting => new[] { "-c", setting }).ToArray();
        if (!builder.UsesContainers)
        {
            var local = LocalServerResource.AddTo(builder, new LocalPostgresResource(builder, name), ("tcp", port, "tcp"))
                .WithArgs(arguments).WithIconName("DatabaseMultiple").WhenReady(CloseMaintenanceDatabasesAsync);
            return new DatabaseServer(builder, local, Address(local.Resource.PrimaryEndpoint));
        }

        // Parallel workers of a query use shared memory. The default of 64 MB in a container is too small for several large aggregations at a time.
        var container = builder.AddPostgres(name, port: port).WithArgs(arguments).WithContainerRuntimeArgs("--shm-size=1g")
            .WhenReady(CloseMaintenanceDatabasesAsync);
        if (builder.KeepsData)
            container.WithDataVolume().WaitForEarlierContainer();
        return new DatabaseServer(builder, container, Address(container.Resource.PrimaryEndpoint));
    }

    extension(IDistributedApplicationBuilder builder)
    {
        /// <summary>Whether data is kept after a run; tests set <c>UseVolumes=false</c>.</summary>
        public bool KeepsData => builder.Configuration.GetValue("UseVolumes", defaultValue: true);

        // Performance measurements on temporary data set this, to use the same durability settings as in production.
        private bool WritesDurably => builder.Configuration.GetValue("DurableWrites", defaultValue: false);
    }

    // The server belongs to this application alone, so the services' roles need no access to its default databases.
    private static Task CloseMaintenanceDatabasesAsync(string administrator, CancellationToken cancel) =>
        ServiceDatabase.ExecuteAsync($"{administrator};Database=postgres", "revoke connect on database postgres, template1 from public", cancel);

    /// <summary>Prepares a server each time it starts. A failure is logged here, because Aspire doesn't log failures after the first start.</summary>
    internal static IResourceBuilder<T> WhenReady<T>(
        this IResourceBuilder<T> server, Func<string, CancellationToken, Task> prepare) where T : IResourceWithConnectionString =>
        server.OnResourceReady(async (resource, ready, cancel) =>
        {
            try
            {
                await prepare((await resource.GetConnectionStringAsync(cancel))!, cancel);
            }
            catch (NpgsqlException problem)
            {
                ServerLog.Problem(ready.Services, resource, $"The server could not be prepared for the services: {problem.Message}");
                throw;
            }
        });

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

/// <summary>A PostgreSQL server: an existing or managed one, a container or a local program.</summary>
public sealed class DatabaseServer
{
    private const string Section = "Provisioning__Databases";

    private readonly IDistributedApplicationBuilder _builder;
    private readonly ReferenceExpression? _address;
    private readonly List<Database> _databases = [];
    private IResourceBuilder<ProjectResource>? _provisioning;

    /// <summary>Creates a server.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="server">The server; its connection string is the administrator's.</param>
    /// <param name="address">
    /// Connection string without database, user and password. Null when it is an existing server's, whose address is known only at deployment.
    /// </param>
    internal DatabaseServer(IDistributedApplicationBuilder builder, IResourceBuilder<IResourceWithConnectionString> server, ReferenceExpression? address)
    {
        (_builder, Server, _address) = (builder, server, address);
        if (builder.ExecutionContext.IsRunMode)
            server.WhenReady(ProvisionHereAsync);
    }

    /// <summary>The server; its connection string is the administrator's.</summary>
    public IResourceBuilder<IResourceWithConnectionString> Server { get; }

    /// <summary>
    /// Has a project create the databases and roles, <c>EnergyAspire.Provisioning</c>. Without a project this process creates them when the server is
    /// ready, by the same code.
    /// </summary>
    public void ProvisionBy(IResourceBuilder<ProjectResource> project)
    {
        if (_address is null)
        {
            // The existing server's databases are named one by one.
            project.ExcludeFromManifest();
            return;
        }

        _provisioning = project.WithReference(Server, ResourceNames.Postgres).WaitFor(Server);
        project.WithEnvironment(context =>
        {
            foreach (var database in _databases)
            {
                context.EnvironmentVariables[$"{Section}__{database.Name}__Role"] = database.Role;
                context.EnvironmentVariables[$"{Section}__{database.Name}__Password"] = database.Password;
            }
        });
    }

    /// <summary>
    /// Adds a database for one service, with a role that owns it and can't access other databases. Both are created when the server is ready,
    /// and brought up to date at each start. If <c>ConnectionStrings:<paramref name="name"/></c> is set, that database is used unchanged. A
    /// published application with an existing server needs that setting.
    /// </summary>
    /// <param name="name">Resource name.</param>
    /// <param name="database">Name of the database.</param>
    /// <param name="role">Name of the role.</param>
    public IResourceBuilder<IResourceWithConnectionString> AddServiceDatabase(string name, string database, string role)
    {
        if (_address is null || _builder.Configuration.GetConnectionString(name) is not null)
            return _builder.AddConnectionString(name);

        var password = _builder.AddParameter($"{name}-password", new GenerateParameterDefault { MinLength = 22, Special = false }, secret: true, persist: true);
        _databases.Add(new Database(database, role, password.Resource));

        var connection = _builder.AddConnectionString(name, ReferenceExpression.Create($"{_address};Database={database};Username={role};Password={password}"))
            .WithIconName("Database")
            .WithParentRelationship(Server);

        return _provisioning is null ? connection.WaitFor(Server) : connection.WaitFor(_provisioning);
    }

    private async Task ProvisionHereAsync(string administrator, CancellationToken cancel)
    {
        if (_provisioning is not null)
            return;

        foreach (var (name, role, password) in _databases)
            await new ServiceDatabase(name, role, (await password.GetValueAsync(cancel))!).ProvisionAsync(administrator, cancel);
    }

    private sealed record Database(string Name, string Role, ParameterResource Password);
}
