using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Aspire.Hosting.ApplicationModel;

namespace EnergyAspire.Hosting;

/// <summary>
/// The definitions that a broker of this application loads at each start: <c>broker-definitions.json</c>, the only source of the accounts'
/// permissions, with the passwords and the administrator added (docs/decisions/0033-rights-at-the-broker.md).
/// </summary>
internal static class BrokerDefinitions
{
    private static readonly string Text = Read();

    /// <summary>Names of the accounts.</summary>
    public static IReadOnlyList<string> Accounts { get; } = [.. Users(Parse()).Select(user => (string)user["name"]!)];

    /// <summary>
    /// The definitions with a password for each account, and with the administrator. The file doesn't contain one, because an existing broker
    /// has its own.
    /// </summary>
    public static async Task<string> WithPasswordsAsync(
        IReadOnlyDictionary<string, ParameterResource> passwords, ParameterResource administrator, CancellationToken cancel)
    {
        var definitions = Parse();
        foreach (var user in Users(definitions))
            user["password_hash"] = Hash((await passwords[(string)user["name"]!].GetValueAsync(cancel))!);

        definitions["users"]!.AsArray().Add(new JsonObject
        {
            ["name"] = "guest",
            ["password_hash"] = Hash((await administrator.GetValueAsync(cancel))!),
            ["hashing_algorithm"] = "rabbit_password_hashing_sha256",
            ["tags"] = "administrator",
        });
        definitions["permissions"]!.AsArray().Add(
            new JsonObject { ["user"] = "guest", ["vhost"] = "/", ["configure"] = ".*", ["write"] = ".*", ["read"] = ".*" });

        return definitions.ToJsonString();
    }

    private static string Hash(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(4);
        return Convert.ToBase64String([.. salt, .. SHA256.HashData([.. salt, .. Encoding.UTF8.GetBytes(password)])]);
    }

    private static IEnumerable<JsonObject> Users(JsonNode definitions) => definitions["users"]!.AsArray().Select(user => user!.AsObject());

    private static JsonNode Parse() => JsonNode.Parse(Text)!;

    private static string Read()
    {
        using var file = new StreamReader(typeof(BrokerDefinitions).Assembly.GetManifestResourceStream("broker-definitions.json")!);
        return file.ReadToEnd();
    }
}
