using System.Globalization;
using System.Text.Json.Nodes;

namespace Aspire.Hosting;

/// <summary>Settings that a container would find in <c>/etc/rabbitmq/conf.d</c>.</summary>
/// <remarks>
/// Servers before version 4 don't start when a setting is unknown to them. Those about queues are therefore put into the definitions,
/// where they mean the same to every version from 3.10 on; the others are handed on.
/// </remarks>
internal sealed class MountedSettings
{
    private const string OperatorPolicy = "default_policies.operator.";

    private readonly Dictionary<string, Dictionary<string, string>> _policies = new(StringComparer.Ordinal);
    private readonly List<string> _others = [];
    private readonly string? _queueType;

    /// <summary>Reads lines of <c>key = value</c>.</summary>
    public MountedSettings(IEnumerable<string> lines)
    {
        foreach (var line in lines.Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#'))
        {
            var (key, value) = (line.Split('=', 2)[0].Trim(), line.Split('=', 2)[^1].Trim());
            if (key == "default_queue_type")
                _queueType = value;
            else if (key.StartsWith(OperatorPolicy, StringComparison.Ordinal) && key[OperatorPolicy.Length..].Split('.', 2) is [var name, var part])
                (_policies.TryGetValue(name, out var policy) ? policy : _policies[name] = new(StringComparer.Ordinal))[part] = value;
            else
                _others.Add(line);
        }
    }

    /// <summary>What goes into the node's settings.</summary>
    public string Others => string.Join('\n', _others);

    /// <summary>The virtual host that everybody uses; only when it is made anew its queue type counts.</summary>
    public JsonObject VirtualHost()
    {
        var host = new JsonObject { ["name"] = "/" };
        if (_queueType is not null)
            host["metadata"] = new JsonObject { ["description"] = "", ["tags"] = new JsonArray(), ["default_queue_type"] = _queueType };
        return host;
    }

    /// <summary>Operator policies as parameters.</summary>
    public JsonArray Policies() => [.. _policies.Select(policy => new JsonObject
    {
        ["component"] = "operator_policy",
        ["vhost"] = "/",
        ["name"] = policy.Key,
        ["value"] = new JsonObject
        {
            ["pattern"] = policy.Value["queue_pattern"],
            ["apply-to"] = policy.Value["apply_to"],
            ["priority"] = 0,
            ["definition"] = new JsonObject { ["delivery-limit"] = int.Parse(policy.Value["delivery_limit"], CultureInfo.InvariantCulture) },
        },
    })];
}
