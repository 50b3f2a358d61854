using System.ComponentModel.DataAnnotations;

namespace EnergyAspire.Gateway;

/// <summary>Settings of the gateway; section <c>Gateway</c> of the configuration.</summary>
public sealed class GatewayOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Gateway";

    /// <summary>
    /// Folder of the keys that encrypt session cookies. Replicas share it, and sessions outlive a restart with it; without it
    /// each machine account has keys of its own.
    /// </summary>
    public string? KeysFolder { get; set; }

    /// <summary>Address of the dashboard with logs, traces and metrics, shown to admins; null when there is none that people can reach.</summary>
    public Uri? Dashboard { get; set; }

    /// <summary>How long before its end an access token is renewed, at most a fifth of its life.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan RenewAhead { get; set; } = TimeSpan.FromMinutes(5);
}

internal static class GatewayOptionsExtensions
{
    /// <summary>Binds the settings; a wrong one stops the start with a sentence that names it.</summary>
    public static void AddGatewayOptions(this IHostApplicationBuilder builder) =>
        builder.Services.AddOptions<GatewayOptions>()
            .BindConfiguration(GatewayOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
}
