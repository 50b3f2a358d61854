using EnergyAspire.Monitoring.Data;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Readings;

/// <summary>Taking readings in, and what became of them.</summary>
public static class ReadingEndpoints
{
    /// <summary>Adds the consumers of the reading queue, the partitions and the replay of quarantined readings.</summary>
    public static IHostApplicationBuilder AddIngest(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<IngestOptions>().BindConfiguration("Ingest").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<IngestMetrics>();
        builder.Services.AddSingleton<ReadingParser>();
        builder.Services.AddSingleton<ReadingIngest>();
        builder.Services.AddSingleton<ReadingPartitions>();
        if (OpenApiExtensions.IsGeneratingDocuments)
            return builder;

        builder.Services.AddHostedService(services => services.GetRequiredService<ReadingPartitions>());
        builder.Services.AddHostedService<QuarantineReplay>();
        var consumers = builder.Configuration.GetValue("Ingest:Consumers", new IngestOptions().Consumers);
        foreach (var number in Enumerable.Range(1, consumers))
        {
            builder.Services.AddSingleton<IHostedService>(services =>
                ActivatorUtilities.CreateInstance<ReadingConsumer>(services, number));
        }

        return builder;
    }

    /// <summary>Maps <c>/api/monitoring/ledger</c>.</summary>
    public static void MapReadings(this IEndpointRouteBuilder routes)
    {
        var readings = routes.MapGroup("/api/monitoring").WithTags("Readings").RequireAuthorization(Policies.Admin);

        readings.MapGet("/ledger", GetLedger);
    }

    /// <summary>Says, by UTC hour of arrival, newest first, what became of the readings that arrived in the last seven days.</summary>
    public static async Task<Ok<List<LedgerHour>>> GetLedger(MonitoringDbContext db, TimeProvider time, CancellationToken cancel)
    {
        var since = time.GetUtcNow().AddDays(-7);

        return TypedResults.Ok(await db.Ledger
            .Where(entry => entry.Hour >= since)
            .GroupBy(entry => entry.Hour)
            .OrderByDescending(hour => hour.Key)
            .Select(hour => new LedgerHour(
                hour.Key,
                hour.Sum(entry => entry.Received),
                hour.Sum(entry => entry.Stored),
                hour.Sum(entry => entry.Duplicates),
                hour.Sum(entry => entry.Quarantined),
                hour.Sum(entry => entry.Received) == hour.Sum(entry => entry.Stored + entry.Duplicates + entry.Quarantined)))
            .ToListAsync(cancel));
    }
}

/// <summary>What became of the readings that arrived in an hour.</summary>
/// <param name="Hour">Hour of arrival in UTC.</param>
/// <param name="Received">Readings that arrived.</param>
/// <param name="Stored">Readings that were new and are stored.</param>
/// <param name="Duplicates">Readings that were stored before with the same value.</param>
/// <param name="Quarantined">Readings in quarantine.</param>
/// <param name="Balanced">Whether received = stored + duplicates + quarantined.</param>
public sealed record LedgerHour(DateTimeOffset Hour, long Received, long Stored, long Duplicates, long Quarantined, bool Balanced);
