using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using EnergyAspire.Testing;

namespace EnergyAspire.Architecture.Tests;

/// <summary><c>docs/settings.md</c> is generated from the options classes: a class with a constant <c>Section</c> is one section of the configuration.</summary>
public sealed partial class SettingsTests
{
    private const string Head = """
        # Settings

        Generated from the options classes by `SettingsTests`. A setting comes from a service's `appsettings.json` or its environment (`Ingest__BatchSize`);
        the AppHost sets some of them. A wrong value stops the start with a message that names the setting. Durations are written
        `days.hours:minutes:seconds`. The AppHost's own settings are in [operations.md](operations.md#settings).

        """;

    private static readonly (string Room, string Heading)[] Rooms =
    [
        ("EnergyAspire.ServiceDefaults", "Every service"),
        ("EnergyAspire.Data", "Services with replicas"),
        ("EnergyAspire.Gateway", "Gateway"),
        ("EnergyAspire.Identity", "Identity"),
        ("EnergyAspire.Users", "Users"),
        ("EnergyAspire.Devices", "Devices"),
        ("EnergyAspire.Monitoring", "Monitoring"),
        ("EnergyAspire.Doctor", "Doctor"),
    ];

    [Fact]
    public async Task The_table_is_as_the_options_classes_are()
    {
        var table = Head + string.Concat(
            from room in Rooms
            let assembly = Assembly.Load(room.Room)
            let rows = (
                from type in assembly.GetTypes()
                let section = type.GetField("Section", BindingFlags.Public | BindingFlags.Static)?.GetRawConstantValue() as string
                where section is not null
                orderby section
                from row in Rows(section, type, Activator.CreateInstance(type), Documents(assembly))
                select row).ToList()
            where rows.Count > 0
            select $"\n## {room.Heading}\n\n| Setting | Default | Meaning |\n|---|---|---|\n{string.Concat(rows)}");
        var generated = Path.Combine(AppContext.BaseDirectory, "settings.md");
        await File.WriteAllTextAsync(generated, table, TestContext.Current.CancellationToken);

        var written = await File.ReadAllTextAsync(Path.Combine(Repository.Folder, "docs", "settings.md"), TestContext.Current.CancellationToken);

        Assert.True(table == written, $"docs/settings.md is out of date. Copy the generated one: cp {Path.GetRelativePath(Repository.Folder, generated)} docs/");
    }

    private static IEnumerable<string> Rows(string prefix, Type type, object? defaults, IReadOnlyDictionary<string, string> documents)
    {
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).OrderBy(p => p.MetadataToken))
        {
            var (name, value) = ($"{prefix}:{property.Name}", defaults is null ? null : property.GetValue(defaults));
            var kind = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            var meaning = documents.GetValueOrDefault($"P:{type.FullName}.{property.Name}", "");
            if (kind.IsGenericType && kind.GetGenericTypeDefinition() == typeof(Dictionary<,>) && kind.GetGenericArguments()[1] is var entry)
            {
                if (IsSimple(entry))
                    yield return Row($"{name}:<name>", null, meaning, property);
                else
                    foreach (var row in Rows($"{name}:<name>", entry, Activator.CreateInstance(entry), documents))
                        yield return row;
            }
            else if (kind != typeof(string) && typeof(IEnumerable).IsAssignableFrom(kind))
            {
                yield return Row($"{name}:0", null, meaning, property);
            }
            else if (IsSimple(kind))
            {
                yield return Row(name, value, meaning, property);
            }
            else
            {
                foreach (var row in Rows(name, kind, Activator.CreateInstance(kind), documents))
                    yield return row;
            }
        }
    }

    private static bool IsSimple(Type type) => type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(TimeSpan) || type == typeof(Uri);

    private static string Row(string name, object? value, string meaning, PropertyInfo property)
    {
        var range = property.GetCustomAttribute<RangeAttribute>() is { } bounds ? $" {Text(bounds.Minimum)} to {Text(bounds.Maximum)}." : "";

        return $"| `{name}` | {(value is null or "" ? "none" : $"`{Text(value)}`")} | {meaning}{range} |\n";
    }

    private static string Text(object value) => value switch
    {
        true => "true",
        false => "false",
        TimeSpan { Milliseconds: 0 } time => time.ToString(time.Days > 0 ? @"d\.hh\:mm\:ss" : @"hh\:mm\:ss", CultureInfo.InvariantCulture),
        TimeSpan time => time.ToString("c", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    /// <summary>Summaries of the members of an assembly, by their id.</summary>
    private static Dictionary<string, string> Documents(Assembly assembly) =>
        XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")).Descendants("member")
            .Where(member => member.Element("summary") is not null)
            .ToDictionary(member => member.Attribute("name")!.Value, member => Words(member.Element("summary")!), StringComparer.Ordinal);

    private static string Words(XElement summary)
    {
        var text = new StringBuilder();
        foreach (var node in summary.Nodes())
        {
            text.Append(node switch
            {
                XElement element when element.Attribute("cref") is { } reference => $"`{reference.Value.Split('.')[^1]}`",
                XElement element when element.Attribute("langword") is { } word => word.Value,
                XElement element => $"`{element.Value}`",
                _ => ((XText)node).Value,
            });
        }

        var words = Space().Replace(text.ToString(), " ").Trim().Replace("|", "\\|", StringComparison.Ordinal);
        return words.EndsWith('.') ? words : words + ".";
    }

    [GeneratedRegex(@"\s+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Space();
}
