using System.ComponentModel;
using System.Diagnostics;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace EnergyAspire.Hosting;

/// <summary>The dashboard command that backs up the servers.</summary>
public static partial class BackupCommand
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
        if (!builder.ExecutionContext.IsRunMode || server.Server.Resource is not LocalPostgresResource postgres)
            return;

        var backup = new Backup(
            Path.GetFullPath(script, builder.AppHostDirectory), Path.GetFullPath(builder.Configuration["BackupFolder"] ?? folder, builder.AppHostDirectory),
            builder.Configuration[$"ServerPrograms:{postgres.Name}"], postgres, broker.Server.Resource as LocalRabbitMQResource);
        server.Server.WithCommand(
            Name,
            "Back up now",
            backup.RunAsync,
            new CommandOptions
            {
                Description = "Backs up all databases and the broker's definitions at this moment, and verifies the backup.",
                IconName = "Save",
                UpdateState = context => context.ResourceSnapshot.HealthStatus == HealthStatus.Healthy ? ResourceCommandState.Enabled : ResourceCommandState.Disabled,
            });
    }

    [LoggerMessage(1, LogLevel.Information, "{Output}")]
    private static partial void LogOutput(ILogger logger, string output);

    [LoggerMessage(2, LogLevel.Error, "{Output}")]
    private static partial void LogFailure(ILogger logger, string output);

    private sealed record Backup(string Script, string Folder, string? Programs, LocalPostgresResource Postgres, LocalRabbitMQResource? Broker)
    {
        public async Task<ExecuteCommandResult> RunAsync(ExecuteCommandContext context)
        {
            var cancel = context.CancellationToken;
            var start = new ProcessStartInfo(Script, ["--to", Folder])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            await SetConnectionsAsync(start.Environment, cancel);

            try
            {
                using var process = Process.Start(start)!;
                var (output, errors) = (process.StandardOutput.ReadToEndAsync(CancellationToken.None), process.StandardError.ReadToEndAsync(CancellationToken.None));
                try
                {
                    await process.WaitForExitAsync(cancel);
                }
                catch (OperationCanceledException)
                {
                    // The script deletes an incomplete backup when it gets this signal.
                    using var terminate = Process.Start("kill", ["-TERM", $"{process.Id}"]);
                    await process.WaitForExitAsync(CancellationToken.None);
                    return CommandResults.Canceled();
                }

                var answer = $"{await errors}{await output}".Trim();
                if (process.ExitCode != 0)
                {
                    LogFailure(context.Logger, answer);
                    return CommandResults.Failure(answer);
                }

                LogOutput(context.Logger, answer);
                return CommandResults.Success(answer);
            }
            catch (Win32Exception missing)
            {
                return CommandResults.Failure($"{Script} can't be run: {missing.Message}");
            }
        }

        // In environment variables, because other users can read command lines.
        private async Task SetConnectionsAsync(IDictionary<string, string?> variables, CancellationToken cancel)
        {
            // Settings of the caller for another server must have no effect.
            foreach (var name in variables.Keys.Where(IsOfAnotherServer).ToArray())
                variables.Remove(name);

            variables["PGHOST"] = Postgres.PrimaryEndpoint.Host;
            variables["PGPORT"] = $"{Postgres.PrimaryEndpoint.Port}";
            variables["PGUSER"] = LocalPostgresResource.Administrator;
            variables["PGPASSWORD"] = await Postgres.Password.GetValueAsync(cancel);
            if (Programs is not null)
                variables["POSTGRES_PROGRAMS"] = Programs;
            if (Broker is null)
                return;

            variables["BROKER_MANAGEMENT"] = Broker.ManagementEndpoint.Url;
            variables["BROKER_USER"] = LocalRabbitMQResource.Administrator;
            variables["BROKER_PASSWORD"] = await Broker.Password.GetValueAsync(cancel);
        }

        private static bool IsOfAnotherServer(string variable) =>
            variable == "DATABASE_URL" || Array.Exists(["PG", "BACKUP_", "BROKER_"], prefix => variable.StartsWith(prefix, StringComparison.Ordinal));
    }
}
