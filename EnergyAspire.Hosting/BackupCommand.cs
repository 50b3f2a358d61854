using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EnergyAspire.Hosting;

/// <summary>The dashboard command that backs up the servers.</summary>
public static class BackupCommand
{
    /// <summary>Name of the command.</summary>
    public const string Name = "backup";

    /// <summary>
    /// Adds the command "Back up now" to PostgreSQL, if it is a local program of this application. It runs <c>deploy/backup.sh</c>. Other servers
    /// get no command: a container refuses connections for replication, and an existing or managed server has its operator's backups.
    /// </summary>
    /// <param name="server">PostgreSQL.</param>
    /// <param name="broker">The broker; its definitions are backed up too if it is a local program of this application.</param>
    /// <param name="script">Path of <c>backup.sh</c>, relative to the AppHost.</param>
    /// <param name="folder">Folder for backups, relative to the AppHost. The setting <c>BackupFolder</c> replaces it.</param>
    public static void WithBackupCommand(this DatabaseServer server, Broker broker, string script, string folder)
    {
        var builder = server.Server.ApplicationBuilder;
        if (server.Server.Resource is not LocalPostgresResource postgres)
            return;

        script = Path.GetFullPath(script, builder.AppHostDirectory);
        folder = Path.GetFullPath(builder.Configuration["BackupFolder"] ?? folder, builder.AppHostDirectory);
        server.Server.WithProcessCommand(
            Name,
            "Back up now",
            async context => new ProcessCommandSpec(script)
            {
                Arguments = ["--to", folder],
                EnvironmentVariables = await VariablesAsync(postgres, broker.Server.Resource as LocalRabbitMQResource, context.CancellationToken),
                // Settings of the caller for another server must have no effect.
                InheritEnvironmentVariables = false,
            },
            new ProcessCommandOptions
            {
                Description = "Backs up all databases and the broker's definitions at this moment, and verifies the backup.",
                IconName = "Save",
                UpdateState = context => context.ResourceSnapshot.HealthStatus == HealthStatus.Healthy ? ResourceCommandState.Enabled : ResourceCommandState.Disabled,
                GetCommandResult = context => Task.FromResult(
                    context.ExitCode == 0 ? CommandResults.Success(context.GetFormattedOutput()) : CommandResults.Failure(context.GetFormattedOutput())),
            });
    }

    // In environment variables, because other users can read command lines.
    private static async Task<Dictionary<string, string>> VariablesAsync(LocalPostgresResource postgres, LocalRabbitMQResource? broker, CancellationToken cancel)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "",
            ["PGHOST"] = postgres.PrimaryEndpoint.Host,
            ["PGPORT"] = $"{postgres.PrimaryEndpoint.Port}",
            ["PGUSER"] = LocalPostgresResource.Administrator,
            ["PGPASSWORD"] = (await postgres.Password.GetValueAsync(cancel))!,
        };
        if (postgres.Programs is not null)
            variables["POSTGRES_PROGRAMS"] = postgres.Programs;
        if (broker is not null)
        {
            variables["BROKER_MANAGEMENT"] = broker.ManagementEndpoint.Url;
            variables["BROKER_USER"] = LocalRabbitMQResource.Administrator;
            variables["BROKER_PASSWORD"] = (await broker.Password.GetValueAsync(cancel))!;
        }

        return variables;
    }
}
