using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace EnergyAspire.Testing;

/// <summary>What the Compose files in the folder <c>deploy</c> say.</summary>
public static class ComposeFile
{
    /// <summary>The text of <c>compose.yaml</c>.</summary>
    public static string Text { get; } = TextOf("compose.yaml");

    /// <summary>The services of <c>compose.yaml</c> with their keys, by name. Merged mappings are resolved, variables are not.</summary>
    public static IReadOnlyDictionary<string, Dictionary<string, object>> Services { get; } = ServicesOf(Text);

    /// <summary>Returns the text of a file in the folder <c>deploy</c>.</summary>
    public static string TextOf(string file) => File.ReadAllText(Path.Combine(Repository.Folder, "deploy", file));

    /// <summary>Returns the environment variables of a service. References to other variables, such as <c>${PUBLIC_HOST:?}</c>, are not resolved.</summary>
    public static Dictionary<string, string> EnvironmentOf(string service) => Named(Services[service]["environment"])
        .ToDictionary(variable => variable.Key, variable => (string)variable.Value, StringComparer.Ordinal);

    /// <summary>Returns the services of a Compose file with their keys, by name.</summary>
    public static Dictionary<string, Dictionary<string, object>> ServicesOf(string text)
    {
        var yaml = new MergingParser(new Parser(new StringReader(text)));
        var compose = new DeserializerBuilder().Build().Deserialize<Dictionary<string, object>>(yaml);

        return Named(compose["services"]).ToDictionary(service => service.Key, service => Named(service.Value), StringComparer.Ordinal);
    }

    private static Dictionary<string, object> Named(object node) =>
        ((Dictionary<object, object>)node).ToDictionary(entry => (string)entry.Key, entry => entry.Value, StringComparer.Ordinal);
}
