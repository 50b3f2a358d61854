using System.Text;
using System.Text.Json;
using EnergyAspire.ServiceDefaults;

namespace EnergyAspire.Doctor.Checks;

/// <summary>The broker: connection, alarms, type of queues, rights of the accounts, bindings.</summary>
internal static class BrokerChecks
{
    private const string Name = "RabbitMQ";

    private static readonly string[] Rights = ["configure", "write", "read"];
    private static readonly JsonElement Definitions = ReadDefinitions();

    public static IEnumerable<Check> Of(Installation installation) => installation.Broker is null
        ? [Check.WithoutSetting(Name, $"ConnectionStrings:{ResourceNames.Messaging}")]
        :
        [
            new Check(
                Name, cancel => ConnectAsync(installation, cancel),
                $"Start RabbitMQ, or correct ConnectionStrings:{ResourceNames.Messaging} ({Runbook.Unavailable})."),
            OverManagement("alarms", installation, AlarmsAsync),
            OverManagement("default queue type", installation, QueueTypeAsync),
            OverManagement("rights", installation, RightsAsync),
            OverManagement("bindings", installation, BindingsAsync),
        ];

    private static Check OverManagement(
        string what, Installation installation, Func<BrokerManagement, CancellationToken, Task<Verdict>> check) => new($"{Name}: {what}", async cancel =>
        {
            try
            {
                return await check(new BrokerManagement(installation), cancel);
            }
            catch (HttpRequestException failure)
            {
                return Verdict.NotChecked($"The broker's management API can't be used: {Examination.Reason(failure)}", BrokerManagement.Missing);
            }
        });

    private static async Task<Verdict> ConnectAsync(Installation installation, CancellationToken cancel)
    {
        await using var connection = await installation.BrokerFactory().CreateConnectionAsync(cancel);
        var version = connection.ServerProperties?.TryGetValue("version", out var value) == true && value is byte[] text
            ? $" {Encoding.UTF8.GetString(text)}"
            : "";

        return Verdict.Ok($"RabbitMQ{version} answers.");
    }

    private static async Task<Verdict> AlarmsAsync(BrokerManagement management, CancellationToken cancel)
    {
        var nodes = await management.ListAsync("nodes", cancel);
        var memory = nodes.Count(node => IsTrue(node, "mem_alarm"));
        var disk = nodes.Count(node => IsTrue(node, "disk_free_alarm"));
        if (memory + disk > 0)
        {
            return Verdict.Failed(
                $"RabbitMQ accepts no messages; nodes with an alarm for memory: {memory}, for disk space: {disk}.",
                $"Free disk space, or give the broker more memory ({Runbook.BrokerAlarm}).");
        }

        var stopped = nodes.Count(node => !IsTrue(node, "running"));
        if (stopped > 0)
            return Verdict.Failed(
                $"Nodes of RabbitMQ that don't run: {stopped} of {nodes.Count}.",
                $"Start them; quorum queues need most of the nodes ({Runbook.QueueTypes}).");

        var free = nodes.Select(node => node.TryGetProperty("disk_free", out var bytes) && bytes.TryGetInt64(out var count) ? count : (long?)null).Min();
        return Verdict.Ok(free is { } least ? $"RabbitMQ has no alarm; {Sql.Size(least)} of its disk are free." : "RabbitMQ has no alarm.");
    }

    private static async Task<Verdict> QueueTypeAsync(BrokerManagement management, CancellationToken cancel) =>
        await management.GetAsync($"vhosts/{management.VirtualHost}", cancel) is { } host && Text(host, "default_queue_type") == "quorum"
            ? Verdict.Ok("Queues that are declared without a type become quorum queues.")
            : Verdict.Warning(
                "Queues that are declared without a type, as meters do, don't become quorum queues.",
                $"Set the default queue type of the virtual host to quorum ({Runbook.QueueTypes}).");

    private static async Task<Verdict> RightsAsync(BrokerManagement management, CancellationToken cancel)
    {
        const string Action = $"Import the definitions of this version again ({Runbook.BrokerAccounts}).";
        var accounts = Definitions.GetProperty("users").EnumerateArray().Select(user => Text(user, "name")).ToHashSet(StringComparer.Ordinal);
        var users = await management.ListAsync("users", cancel);
        var present = users.Where(user => accounts.Contains(Text(user, "name"))).ToList();
        if (present.Count == 0)
        {
            return Verdict.Warning(
                "The broker has none of the product's accounts: all services use one account, and meters that know it can do everything.",
                $"Add the accounts ({Runbook.BrokerAccounts}).");
        }

        var host = management.VirtualHost;
        var permissions = await management.ListAsync($"vhosts/{host}/permissions", cancel);
        var topics = await management.ListAsync($"vhosts/{host}/topic-permissions", cancel);
        var wrong = accounts.Where(account => present.TrueForAll(user => Text(user, "name") != account)).Select(account => $"{account} is missing")
            .Concat(present.Where(HasTags).Select(user => $"{Text(user, "name")} has a tag"))
            .Concat(Differences("permissions", permissions, accounts, row => Text(row, "user")))
            .Concat(Differences("topic_permissions", topics, accounts, row => $"{Text(row, "user")} at {Text(row, "exchange")}"))
            .ToList();
        if (wrong.Count > 0)
            return Verdict.Failed($"Accounts at the broker differ from those that are intended: {string.Join("; ", wrong)}.", Action);

        // Administrators have a tag.
        var others = permissions.Select(row => Text(row, "user")).Distinct()
            .Count(name => !accounts.Contains(name) && users.Exists(user => Text(user, "name") == name && !HasTags(user)));
        return others > 0
            ? Verdict.Warning(
                $"Accounts with rights in the virtual host that are neither the product's nor administrators': {others}.",
                $"Delete them with rabbitmqctl delete_user if nobody needs them ({Runbook.BrokerAccounts}).")
            : Verdict.Ok($"The {accounts.Count} accounts have the rights that are intended.");
    }

    private static async Task<Verdict> BindingsAsync(BrokerManagement management, CancellationToken cancel)
    {
        var bound = (await management.ListAsync($"bindings/{management.VirtualHost}", cancel)).Select(BindingOf).ToHashSet(StringComparer.Ordinal);
        var missing = Definitions.GetProperty("bindings").EnumerateArray().Select(BindingOf).Where(binding => !bound.Contains(binding)).ToList();

        return missing.Count == 0
            ? Verdict.Ok("Every queue gets what it should.")
            : Verdict.Failed(
                $"Bindings at the broker are missing: {string.Join("; ", missing)}. Messages that need them are lost, although the broker confirms them.",
                $"Import the definitions of this version again ({Runbook.BrokerAccounts}).");

        static string BindingOf(JsonElement binding) => $"{Text(binding, "source")} to {Text(binding, "destination")} with {Text(binding, "routing_key")}";
    }

    /// <summary>Rows of the product's accounts that are not as in the definitions.</summary>
    private static IEnumerable<string> Differences(string section, List<JsonElement> actual, HashSet<string> accounts, Func<JsonElement, string> nameOf)
    {
        var intended = Definitions.GetProperty(section).EnumerateArray().ToDictionary(nameOf, Patterns, StringComparer.Ordinal);
        var found = actual.Where(row => accounts.Contains(Text(row, "user"))).ToDictionary(nameOf, Patterns, StringComparer.Ordinal);

        // The names of exchanges are not shown, because anybody may have chosen them.
        return intended.Where(row => !found.TryGetValue(row.Key, out var patterns) || patterns != row.Value).Select(row => $"{row.Key} has other rights")
            .Concat(found.Keys.Where(name => !intended.ContainsKey(name)).Select(name => $"{name.Split(' ')[0]} has additional rights"));
    }

    private static string Patterns(JsonElement row) => string.Join('\n', Rights.Select(right => Text(row, right)));

    // A list since RabbitMQ 3.9, before that a string.
    private static bool HasTags(JsonElement user) => user.TryGetProperty("tags", out var tags)
        && (tags.ValueKind == JsonValueKind.Array ? tags.GetArrayLength() > 0 : tags.GetString() is { Length: > 0 });

    private static bool IsTrue(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    private static string Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";

    private static JsonElement ReadDefinitions()
    {
        using var file = typeof(BrokerChecks).Assembly.GetManifestResourceStream("broker-definitions.json")!;
        using var document = JsonDocument.Parse(file);
        return document.RootElement.Clone();
    }
}
