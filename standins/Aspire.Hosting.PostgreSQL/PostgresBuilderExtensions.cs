using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace Aspire.Hosting;

public static class PostgresBuilderExtensions
{
    public static IResourceBuilder<PostgresServerResource> AddPostgres(
        this IDistributedApplicationBuilder builder, string name, IResourceBuilder<ParameterResource>? userName = null,
        IResourceBuilder<ParameterResource>? password = null, int? port = null)
    {
        var secret = password?.Resource ?? ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(builder, $"{name}-password");
        var server = new PostgresServerResource(name, userName?.Resource, secret);
        return builder.AddResource(server)
            .WithAnnotation(new EndpointAnnotation(ProtocolType.Tcp, "tcp", name: "tcp", port: port))
            .WithAnnotation(PostgresProgram.For(server))
            .WithIconName("DatabaseMultiple")
            .WithCheck($"{name}_check", (_, cancel) => CanConnectAsync(server.ConnectionStringExpression, "postgres", cancel))
            .OnResourceReady((_, _, cancel) => CreateDatabasesAsync(server, cancel));
    }

    public static IResourceBuilder<PostgresDatabaseResource> AddDatabase(
        this IResourceBuilder<PostgresServerResource> builder, string name, string? databaseName = null)
    {
        var database = new PostgresDatabaseResource(name, databaseName ?? name, builder.Resource);
        builder.Resource.Add(database);
        return builder.ApplicationBuilder.AddResource(database)
            .WithIconName("Database")
            .WithCheck($"{name}_check", (_, cancel) => CanConnectAsync(database.Parent.ConnectionStringExpression, database.DatabaseName, cancel));
    }

    /// <summary>Keeps the data in the checkout's <c>.data</c> folder.</summary>
    public static IResourceBuilder<PostgresServerResource> WithDataVolume(
        this IResourceBuilder<PostgresServerResource> builder, string? name = null, bool isReadOnly = false)
    {
        builder.Resource.Annotations.OfType<ServerProgramAnnotation>().Single().HasDataVolume = true;
        return builder;
    }

    private static async Task<HealthCheckResult> CanConnectAsync(ReferenceExpression server, string database, CancellationToken cancel)
    {
        try
        {
            await using var connection = await OpenAsync(server, database, cancel);
            await using var command = new NpgsqlCommand("SELECT 1", connection);
            await command.ExecuteScalarAsync(cancel);
            return HealthCheckResult.Healthy();
        }
        catch (NpgsqlException problem)
        {
            return HealthCheckResult.Unhealthy(problem.Message);
        }
    }

    private static async Task CreateDatabasesAsync(PostgresServerResource server, CancellationToken cancel)
    {
        await using var connection = await OpenAsync(server.ConnectionStringExpression, "postgres", cancel);
        foreach (var name in server.Databases.Values)
        {
            await using var create = new NpgsqlCommand($"CREATE DATABASE \"{name.Replace("\"", "\"\"")}\"", connection);
            try
            {
                await create.ExecuteNonQueryAsync(cancel);
            }
            catch (PostgresException problem) when (problem.SqlState == PostgresErrorCodes.DuplicateDatabase)
            {
                // It outlived the last run.
            }
        }
    }

    // Without a pool nothing stays connected to a database that someone may want to drop.
    private static async Task<NpgsqlConnection> OpenAsync(ReferenceExpression server, string database, CancellationToken cancel)
    {
        var settings = new NpgsqlConnectionStringBuilder(await server.GetValueAsync(cancel)) { Database = database, Pooling = false, Timeout = 5 };
        var connection = new NpgsqlConnection(settings.ConnectionString);
        try
        {
            await connection.OpenAsync(cancel);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
