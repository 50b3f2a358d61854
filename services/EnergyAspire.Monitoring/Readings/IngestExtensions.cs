using EnergyAspire.Monitoring.Live;
using EnergyAspire.Monitoring.Quarantine;
using EnergyAspire.ServiceDefaults;

namespace EnergyAspire.Monitoring.Readings;

/// <summary>Taking readings in.</summary>
public static class IngestExtensions
{
    /// <summary>Adds the consumers of the reading queue, the partitions and the replay of quarantined readings.</summary>
    public static IHostApplicationBuilder AddIngest(this IHostApplicationBuilder builder)
    {
        builder.AddIngestOptions();
        builder.Services.AddSingleton<IngestMetrics>();
        builder.Services.AddSingleton<ReadingParser>();
        builder.Services.AddSingleton<LiveFeed>();
        builder.Services.AddSingleton<ReadingIngest>();
        builder.Services.AddSingleton<ReadingPartitions>();
        builder.Services.AddSingleton<QuarantineReplay>();
        if (OpenApiExtensions.IsGeneratingDocuments)
            return builder;

        builder.Services.AddHostedService(services => services.GetRequiredService<ReadingPartitions>());
        builder.Services.AddHostedService<QuarantineRetries>();
        var consumers = builder.Configuration.GetValue("Ingest:Consumers", new IngestOptions().Consumers);
        foreach (var number in Enumerable.Range(1, consumers))
        {
            builder.Services.AddSingleton<IHostedService>(services =>
                ActivatorUtilities.CreateInstance<ReadingConsumer>(services, number));
        }

        return builder;
    }

    /// <summary>Reads the settings; a wrong one stops the start.</summary>
    internal static void AddIngestOptions(this IHostApplicationBuilder builder) =>
        builder.Services.AddOptions<IngestOptions>().BindConfiguration("Ingest").ValidateDataAnnotations().ValidateOnStart();
}
