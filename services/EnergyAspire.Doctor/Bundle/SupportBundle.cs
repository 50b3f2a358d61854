using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using EnergyAspire.Doctor.Checks;
using EnergyAspire.ServiceDefaults;

namespace EnergyAspire.Doctor.Bundle;

/// <summary>
/// Writes a file for whoever helps: the results of the checks, versions, settings, and numbers from the servers. It contains no secrets and no
/// personal data: nothing is copied, each part is made of values that are known to be harmless.
/// </summary>
internal static class SupportBundle
{
    private const string ReadMe = """
        Support bundle of EnergyAspire, made by the doctor (docs/operations.md#doctor).

        doctor.json     results of the checks
        versions.json   versions of the services, the servers and this machine
        settings.json   settings; of secrets and unknown values only that they are set
        databases.json  migrations, sizes, estimates of rows, statistics, and settings of PostgreSQL that are not default
        broker.json     queues of the product, with type and counts

        Left out: passwords, tokens, keys and password hashes; names, e-mail addresses and other data of people; readings; the audit log; contents of
        messages; roles, queues and settings that aren't the product's. It names hosts, databases, and services.
        """;

    /// <summary>Writes the bundle.</summary>
    public static async Task WriteAsync(Stream target, DoctorReport report, Installation installation, CancellationToken cancel)
    {
        var json = new DoctorJson(new Scrubber(installation.Settings));
        var (settings, others) = Redaction.Of(installation.Settings);
        await using var zip = new ZipArchive(target, ZipArchiveMode.Create, leaveOpen: true, Encoding.UTF8);
        foreach (var (name, text) in new (string, string)[]
        {
            ("README.txt", ReadMe),
            ("doctor.json", json.Write(report)),
            ("versions.json", json.Write(await VersionsAsync(installation, cancel))),
            ("settings.json", json.Write(new { Settings = settings, OtherVariables = others })),
            ("databases.json", json.Write(await DatabaseFacts.ReadAsync(installation, cancel))),
            ("broker.json", json.Write(await BrokerAsync(installation, cancel))),
        })
        {
            await using var file = await zip.CreateEntry(name).OpenAsync(cancel);
            await file.WriteAsync(Encoding.UTF8.GetBytes(text), cancel);
        }
    }

    /// <summary>Reads a part of the bundle; a part that can't be read contains the reason instead.</summary>
    internal static async Task<object?> TryAsync(Installation installation, Func<CancellationToken, Task<object?>> read, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(installation.Options.Timeout);
        try
        {
            return await read(limit.Token).WaitAsync(installation.Options.Timeout + TimeSpan.FromSeconds(1), cancel);
        }
        catch (Exception failure) when (!cancel.IsCancellationRequested)
        {
            return new { NotRead = failure.GetType().Name };
        }
    }

    private static async Task<object> VersionsAsync(Installation installation, CancellationToken cancel)
    {
        var services = new SortedDictionary<string, object?>(StringComparer.Ordinal);
        foreach (var service in Installation.ServiceNames.Where(service => installation.AddressesOf(service).Count > 0))
        {
            services[service] = await TryAsync(installation, async token =>
            {
                var health = await ServiceChecks.AskAsync(installation.AddressesOf(service)[0], token);
                return new { health.Version, health.Status };
            }, cancel);
        }

        return new
        {
            Doctor = ProductVersion.Current,
            Services = services,
            Runtime = RuntimeInformation.FrameworkDescription,
            System = RuntimeInformation.OSDescription,
            Processors = Environment.ProcessorCount,
        };
    }

    private static async Task<object> BrokerAsync(Installation installation, CancellationToken cancel)
    {
        if (installation.Broker is null)
            return new { NotRead = "No connection string." };

        var queues = new SortedDictionary<string, object?>(StringComparer.Ordinal);
        foreach (var queue in QueueChecks.Queues)
        {
            queues[queue.Name] = await TryAsync(installation, async token =>
            {
                if (await QueueChecks.CountAsync(installation, queue.Name, token) is not { } count)
                    return null;

                var (type, _) = await QueueChecks.TypeAsync(installation, queue.Name, token);
                return new { Type = type, Messages = count.MessageCount, Consumers = count.ConsumerCount };
            }, cancel);
        }

        var management = await TryAsync(installation, async token =>
        {
            var api = new BrokerManagement(installation);
            var all = await api.ListAsync($"queues/{api.VirtualHost}", token);
            var known = QueueChecks.Queues.Select(queue => queue.Name).ToHashSet(StringComparer.Ordinal);
            var overview = await api.GetAsync("overview", token);
            return new
            {
                Version = overview is { } found && found.TryGetProperty("rabbitmq_version", out var version) ? version.GetString() : null,
                OtherQueues = all.Count(queue => !known.Contains(queue.GetProperty("name").GetString()!)),
                Nodes = (await api.ListAsync("nodes", token)).Count,
            };
        }, cancel);

        return new { Queues = queues, Management = management };
    }
}
