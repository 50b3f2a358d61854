using EnergyAspire.Monitoring.Readings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace EnergyAspire.Monitoring.Tests.Readings;

/// <summary>A wrong setting stops the start with a sentence that names it.</summary>
public sealed class IngestOptionsTests
{
    [Theory]
    [InlineData("Retention", "0")]
    [InlineData("Retention", "23:59:59")]
    [InlineData("Retention", "40000.00:00:00")]
    [InlineData("FlushAfter", "-00:00:01")]
    [InlineData("FlushAfter", "00:01:01")]
    [InlineData("FutureTolerance", "-00:00:01")]
    [InlineData("FutureTolerance", "1.00:00:01")]
    [InlineData("AssumeZone", "Mars/Olympus")]
    [InlineData("BatchSize", "0")]
    [InlineData("BatchSize", "20001")]
    [InlineData("Consumers", "17")]
    [InlineData("LargestReadingKwh", "0")]
    public void A_setting_out_of_its_range_is_refused_by_name(string setting, string value)
    {
        var refusal = Assert.Throws<OptionsValidationException>(() => Options(setting, value));

        Assert.Contains(setting, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Retention", "1.00:00:00")]
    [InlineData("FlushAfter", "00:00:00")]
    [InlineData("FutureTolerance", "00:00:00")]
    [InlineData("AssumeZone", "Asia/Kolkata")]
    [InlineData("AssumeZone", "")]
    public void The_ends_of_the_ranges_are_in_them(string setting, string value) => Assert.NotNull(Options(setting, value));

    private static IngestOptions Options(string setting, string value)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration.AddInMemoryCollection([new($"Ingest:{setting}", value)]);
        builder.AddIngestOptions();
        using var services = builder.Services.BuildServiceProvider();

        return services.GetRequiredService<IOptions<IngestOptions>>().Value;
    }
}
