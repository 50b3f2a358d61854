using System.Diagnostics;
using System.Text.RegularExpressions;
using EnergyAspire.ServiceDefaults;

namespace EnergyAspire.Doctor.Checks;

/// <summary>Whether each service is ready, which version it is, and whether its clock is right.</summary>
internal static partial class ServiceChecks
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = Timeout.InfiniteTimeSpan };

    public static IEnumerable<Check> Of(Installation installation)
    {
        // Azure and existing servers have no provisioning; its address is only known where it runs.
        var services = Installation.ServiceNames.Where(service => service != ResourceNames.Provisioning || installation.AddressesOf(service).Count > 0).ToList();
        foreach (var service in services)
        {
            yield return installation.AddressesOf(service) is not [_, ..] addresses
                ? Check.WithoutSetting(service, $"services:{service}:http:0")
                : new Check(
                    service, cancel => ReadyAsync(service, addresses, cancel),
                    $"Look whether {service} runs and read the end of its log ({Runbook.ServiceNotScraped}).");
        }

        yield return new Check("versions", cancel => VersionsAsync(installation, services, cancel));
        foreach (var service in services.Where(service => installation.AddressesOf(service).Count > 0))
            yield return new Check($"clock: {service}", cancel => ClockAsync(service, installation.AddressesOf(service)[0], cancel));
    }

    /// <summary>Asks a service for its health.</summary>
    internal static async Task<ServiceHealth> AskAsync(Uri address, CancellationToken cancel)
    {
        var start = Stopwatch.GetTimestamp();
        var before = DateTimeOffset.UtcNow;
        using var answer = await Http.GetAsync(new Uri(address, "/health"), cancel);
        var duration = Stopwatch.GetElapsedTime(start);
        var lines = (await answer.Content.ReadAsStringAsync(cancel)).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var first = FirstLine().Match(lines.FirstOrDefault() ?? "");

        return new ServiceHealth(
            first.Success ? first.Groups["status"].Value : "", first.Success ? first.Groups["version"].Value : null, [.. lines.Skip(1)], (int)answer.StatusCode,
            answer.Headers.Date is { } date ? ClockSkew.OfWholeSecond(date, before, duration) : null);
    }

    private static async Task<Verdict> ReadyAsync(string service, IReadOnlyList<Uri> addresses, CancellationToken cancel)
    {
        foreach (var address in addresses)
        {
            var health = await AskAsync(address, cancel);
            if (health.Version is null)
            {
                return Verdict.Failed(
                    $"What answers at the address of {service} isn't a service of this product (status {health.StatusCode}).",
                    $"Correct services:{service}:http:0 ({Runbook.Doctor}).");
            }

            if (health.Status != "Healthy")
            {
                return Verdict.Failed(
                    $"{service} is {health.Status.ToLowerInvariant()}: {string.Join(" ", health.Reasons)}",
                    $"Restore what it waits for; it becomes ready by itself ({Runbook.Unavailable}).");
            }
        }

        return Verdict.Ok($"{service} is ready.");
    }

    private static async Task<Verdict> VersionsAsync(Installation installation, List<string> services, CancellationToken cancel)
    {
        var versions = new List<(string Service, string Version)>();
        foreach (var service in services)
        {
            foreach (var address in installation.AddressesOf(service))
            {
                try
                {
                    if ((await AskAsync(address, cancel)).Version is { } version)
                        versions.Add((service, version));
                }
                catch (HttpRequestException)
                {
                    // Its own check says that it can't be reached.
                }
            }
        }

        if (versions.Count == 0)
            return Verdict.NotChecked("No service answers.", "Follow the actions of the services' own checks.");

        var groups = versions.Distinct().GroupBy(service => service.Version, service => service.Service, StringComparer.Ordinal).ToList();
        if (groups.Count > 1)
        {
            return Verdict.Warning(
                $"The services have different versions: {string.Join("; ", groups.Select(group => $"{group.Key}: {string.Join(", ", group)}"))}.",
                $"Complete the update, so that all services have one version ({Runbook.Compose}).");
        }

        return groups[0].Key == ProductVersion.Current
            ? Verdict.Ok($"All services that answer have version {ProductVersion.Current}, like the doctor.")
            : Verdict.Warning(
                $"The services have version {groups[0].Key}, the doctor {ProductVersion.Current}.",
                "Use the doctor of the services' version: it compares with the migrations and rights of its own.");
    }

    private static async Task<Verdict> ClockAsync(string service, Uri address, CancellationToken cancel) =>
        (await AskAsync(address, cancel)).Skew is { } skew
            ? skew.Judge(service)
            : Verdict.NotChecked($"{service} sends no Date header.", "Compare the clocks of the machines by hand.");

    [GeneratedRegex(
        @"^(?<status>Healthy|Degraded|Unhealthy), version (?<version>[0-9A-Za-z.+-]{1,64})$",
        RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex FirstLine();
}

/// <summary>A service's answer to <c>/health</c>.</summary>
/// <param name="Status">Status; empty when what answered isn't a service of this product.</param>
/// <param name="Version">Version of the product; null likewise.</param>
/// <param name="Reasons">What isn't healthy.</param>
/// <param name="StatusCode">HTTP status.</param>
/// <param name="Skew">How far the service's clock is from this machine's; null when the answer has no date.</param>
internal sealed record ServiceHealth(string Status, string? Version, IReadOnlyList<string> Reasons, int StatusCode, ClockSkew? Skew);
