namespace EnergyAspire.Monitoring.Readings;

/// <summary>Registers the ingest of readings.</summary>
public static class IngestExtensions
{
    /// <summary>Adds the consumers of the reading queue and the worker that maintains partitions.</summary>
    public static IHostApplicationBuilder AddIngest(this IHostApplicationBuilder builder)
    {
        builder.AddIngestOptions();
        builder.Services.AddSingleton<IngestMetrics>();
        builder.Services.AddSingleton<ReadingParser>();
        builder.Services.AddSingleton<ReadingIngest>();
        builder.Services.AddSingleton<ReadingPartitions>();
        builder.Services.AddHostedService(services => services.GetRequiredService<ReadingPartitions>());
        var consumers = builder.Configuration.GetValue("Ingest:Consumers", new IngestOptions().Consumers);
        foreach (var number in Enumerable.Range(1, consumers))
        {
            builder.Services.AddSingleton<IHostedService>(services =>
                ActivatorUtilities.CreateInstance<ReadingConsumer>(services, number));
        }

        return builder;
    }

    /// <summary>Binds and validates the settings. An invalid setting fails the start.</summary>
    internal static void AddIngestOptions(this IHostApplicationBuilder builder) =>
        builder.Services.AddOptions<IngestOptions>().BindConfiguration(IngestOptions.Section).ValidateDataAnnotations().ValidateOnStart();
}
