namespace EnergyAspire.Devices.Devices;

/// <summary>Settings of the installation; section <c>Site</c>.</summary>
public sealed class SiteOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Site";

    /// <summary>IANA zone of devices that are registered without one.</summary>
    public string TimeZone { get; set; } = "UTC";
}

/// <summary>Adds the <see cref="SiteOptions"/>.</summary>
public static class SiteExtensions
{
    /// <summary>Binds and validates the options. An unknown zone fails the start.</summary>
    public static IHostApplicationBuilder AddSite(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<SiteOptions>()
            .BindConfiguration(SiteOptions.Section)
            .Validate(site => DeviceRules.IsTimeZone(site.TimeZone), "Site:TimeZone must be an IANA zone, such as Europe/Berlin.")
            .ValidateOnStart();

        return builder;
    }
}
