using EnergyAspire.Data;
using EnergyAspire.Devices.Devices;
using EnergyAspire.Import.Accounts;
using EnergyAspire.Import.Meters;
using EnergyAspire.Import.Old;
using EnergyAspire.Import.Readings;
using EnergyAspire.Import.Reporting;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Ledger;
using EnergyAspire.Monitoring.Readings;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace EnergyAspire.Import;

/// <summary>The steps of an import, in order. Each can be repeated.</summary>
internal sealed class ImportRun(ImportDatabases databases, IConfiguration configuration, ImportReport report, bool isDryRun)
{
    private const string TryLock = "select pg_try_advisory_lock(hashtext('import'))";

    /// <summary>Runs the import.</summary>
    /// <returns>Whether everything arrived or has a stated reason.</returns>
    /// <exception cref="ImportException">The import can't run.</exception>
    public async Task<bool> RunAsync(CancellationToken cancel)
    {
        await using var services = CreateServices();
        var (time, options) = (services.GetRequiredService<TimeProvider>(), OptionsOf(services));
        var zone = ReadZone();
        await OldSchema.CheckAsync(databases, report, cancel);
        await databases.RequireMigratedAsync(cancel);
        await using var alone = await LockAsync(cancel);
        await using var old = await OldReadings.OpenAsync(databases.OldMonitoring, cancel);

        if (old.HasNobodys)
            report.KeptOut("reading", Guid.Empty, "Readings and totals with a device id of zeros only belong to no device.");
        report.Say(isDryRun
            ? "Dry run: nothing is written."
            : $"Devices are registered in the zone {zone}. Readings older than {options.Retention.TotalDays:0} days go to quarantine.");
        var replicas = new ReplicaUpdates(databases);
        var accounts = new AccountImport(databases, report, time, isDryRun);
        await accounts.RunAsync(cancel);
        if (!isDryRun)
            await replicas.ShowAccountsAsync(accounts.Imported, cancel);

        var devices = new DeviceImport(databases, report, time, zone, isDryRun);
        await devices.RunAsync(old, cancel);
        if (!isDryRun)
            await replicas.ShowDevicesAsync(devices.Imported, cancel);
        await devices.RunMappingsAsync(accounts.Imported, cancel);
        if (!isDryRun)
            await replicas.ShowMappingsAsync(devices.Imported, cancel);

        var (parser, held) = (services.GetRequiredService<ReadingParser>(), new HeldReadings(databases.Monitoring));
        await new ReadingImport(old, held, parser, services.GetRequiredService<ReadingIngest>(), report, time, options.BatchSize, isDryRun)
            .RunAsync(devices.Imported, cancel);
        if (!isDryRun)
        {
            await new ArrivalCheck(databases, report).RunAsync(accounts.Imported, devices.Imported, devices.Assigned, cancel);
            await new HourComparison(old, held, parser, report, time, options.BatchSize).RunAsync(cancel);
            await VerifyAsync(services, cancel);
        }

        report.Summarize();
        report.Say(report.IsComplete ? "Everything arrived or has a stated reason." : "Something did not arrive without a stated reason. See the lines 'missing'.");
        return report.IsComplete;
    }

    /// <summary>Creates Monitoring's ingest without its consumers.</summary>
    private ServiceProvider CreateServices() => new ServiceCollection()
        .AddSingleton(configuration)
        .AddSingleton(TimeProvider.System)
        .AddLogging(logging => logging.AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(LogLevel.Warning)
            // Failed commands are reported by their callers.
            .AddFilter("Microsoft.EntityFrameworkCore", LogLevel.None))
        .AddMetrics()
        .AddOptions<IngestOptions>().BindConfiguration(IngestOptions.Section).ValidateDataAnnotations().Services
        .AddDbContext<MonitoringDbContext>(options => options.UseNpgsql(databases.MonitoringConnection).UseSnakeCaseNamingConvention())
        .AddSingleton<DatabaseReadiness<MonitoringDbContext>>()
        .AddSingleton<IngestMetrics>()
        .AddSingleton<ReadingParser>()
        .AddSingleton<ReadingPartitions>()
        .AddSingleton<ReadingIngest>()
        .AddSingleton<LedgerMetrics>()
        .AddScoped<Verification>()
        .BuildServiceProvider();

    private static IngestOptions OptionsOf(ServiceProvider services)
    {
        try
        {
            return services.GetRequiredService<IOptions<IngestOptions>>().Value;
        }
        catch (Exception problem) when (problem is OptionsValidationException or InvalidOperationException)
        {
            throw new ImportException($"A setting of {IngestOptions.Section} is wrong: {problem.Message}");
        }
    }

    private string ReadZone()
    {
        var zone = (configuration.GetSection(SiteOptions.Section).Get<SiteOptions>() ?? new SiteOptions()).TimeZone;

        return DeviceRules.IsTimeZone(zone) ? zone : throw new ImportException($"{SiteOptions.Section}:TimeZone must be an IANA zone, such as Europe/Berlin.");
    }

    /// <summary>Makes sure that only one import runs at a time, until the connection is closed.</summary>
    private async Task<NpgsqlConnection> LockAsync(CancellationToken cancel)
    {
        // Not pooled, because closing a pooled connection would keep the session and its lock for a while.
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(databases.MonitoringConnection) { Pooling = false, KeepAlive = 30 }.ConnectionString);
        await connection.OpenAsync(cancel);
        await using var command = new NpgsqlCommand(TryLock, connection);
        if (await command.ExecuteScalarAsync(cancel) is true)
            return connection;

        await connection.DisposeAsync();
        throw new ImportException("Another import is running.");
    }

    /// <summary>Verifies the hours and the ledger, as the page Ledger does.</summary>
    private async Task VerifyAsync(ServiceProvider services, CancellationToken cancel)
    {
        await using var scope = services.CreateAsyncScope();
        await foreach (var step in scope.ServiceProvider.GetRequiredService<Verification>().RunAsync(first: null, last: null, cancel))
        {
            if (step.Data is LedgerDifference difference)
                report.Missing("ledger", difference.DeviceId, difference.Message);
            else if (step.Data is VerificationResult result)
                report.Say($"Ledger: {result.HoursChecked:N0} hours are compared with {result.ReadingsChecked:N0} readings, {result.Differences} differences.");
        }
    }
}
