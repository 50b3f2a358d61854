using Microsoft.Extensions.Primitives;

namespace EnergyAspire.Gateway.Web;

/// <summary>
/// Hosts for which the gateway accepts requests: those of the setting <c>AllowedHosts</c>, or else, outside Development, the issuer's host.
/// </summary>
internal sealed class KnownHosts
{
    private const string All = "*";

    private List<StringSegment> _names = [];

    /// <summary>Whether a request for this host is accepted. Without any known host every host is.</summary>
    public bool Accept(HostString host) => _names.Count == 0 || _names.Contains(All) || HostString.MatchesAny(host.Host, _names);

    /// <summary>Adds the hosts. Outside Development a gateway without any doesn't start.</summary>
    public static void AddTo(WebApplicationBuilder builder) => builder.Services.AddOptions<KnownHosts>()
        .Configure<IConfiguration, IHostEnvironment>((known, settings, environment) => known._names = Read(settings, environment))
        .Validate<IHostEnvironment>(
            (known, environment) => environment.IsDevelopment() || known._names.Count > 0,
            "AllowedHosts must name the gateway's hosts, or Identity:Issuer the system's public address, such as https://energy.example.")
        .ValidateOnStart();

    private static List<StringSegment> Read(IConfiguration settings, IHostEnvironment environment)
    {
        var hosts = settings["AllowedHosts"] is { Length: > 0 } configured ? configured
            : environment.IsDevelopment() ? ""
            : Uri.TryCreate(settings["Identity:Issuer"], UriKind.Absolute, out var issuer) ? issuer.Host
            : "";

        return [.. hosts.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(host => new StringSegment(host))];
    }
}
