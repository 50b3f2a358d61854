using System.Diagnostics.Metrics;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using EnergyAspire.Testing;
using Microsoft.Extensions.DependencyInjection;
using YamlDotNet.RepresentationModel;

namespace EnergyAspire.Architecture.Tests;

/// <summary>The instruments, their documentation in <c>docs/metrics.md</c>, and what alert rules and dashboards say of them.</summary>
public sealed partial class MetricsTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(Repository.Folder, "docs", "metrics.md"));
    private static readonly string Rules = Path.Combine(Repository.Folder, "deploy", "prometheus", "alerts.yml");
    private static readonly string[] Dashboards = Directory.GetFiles(Path.Combine(Repository.Folder, "deploy", "grafana", "dashboards"), "*.json");

    private static readonly Lazy<IReadOnlyList<Instrument>> Instruments = new(FindInstruments);
    private static readonly HashSet<string> Attributes =
        Sources().SelectMany(source => Attribute().Matches(source)).Select(match => match.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);

    [Fact]
    public void Every_instrument_is_documented_with_its_meter_kind_unit_and_description_and_no_other()
    {
        var expected = Instruments.Value
            .OrderBy(instrument => instrument.Meter.Name, StringComparer.Ordinal).ThenBy(instrument => instrument.Name, StringComparer.Ordinal)
            .Select(instrument => $"| `{instrument.Meter.Name}` | `{instrument.Name}` | {Kind(instrument)} | `{instrument.Unit}` | {instrument.Description} |");

        var rows = Document.Split('\n').Where(line => line.StartsWith("| `EnergyAspire.", StringComparison.Ordinal)).Select(WithoutAttributes);

        Assert.Equal(expected, rows);
    }

    [Fact]
    public void Names_and_units_follow_the_conventions()
    {
        Assert.True(Instruments.Value.Count > 15, $"only {Instruments.Value.Count} instruments were found");
        Assert.All(Instruments.Value, instrument =>
        {
            Assert.Matches(@"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$", instrument.Name);
            Assert.Matches(@"^(s|By|1|\{[a-z_]+\})$", instrument.Unit!);
            Assert.Matches(@"^[A-Z].*\.$", instrument.Description!);
            // The exporter adds these to the names for Prometheus.
            Assert.DoesNotMatch(@"(_|\.)(total|seconds|bytes)$", instrument.Name);
        });
    }

    [Fact]
    public void Every_attribute_in_the_code_is_namespaced_and_documented()
    {
        Assert.True(Attributes.Count > 8, $"only {Attributes.Count} attributes were found");
        Assert.All(Attributes, attribute =>
        {
            Assert.Contains('.', attribute);
            Assert.Contains($"`{attribute}`", Document, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Alert_rules_and_dashboards_use_only_instruments_and_attributes_that_exist()
    {
        var known = Instruments.Value.SelectMany(NamesInPrometheus).Concat(Attributes.Select(attribute => attribute.Replace('.', '_')))
            .ToHashSet(StringComparer.Ordinal);

        foreach (var file in Dashboards.Append(Rules))
        {
            var used = NameInPrometheus().Matches(File.ReadAllText(file)).Select(match => match.Value).Distinct(StringComparer.Ordinal);
            Assert.Empty(used.Where(name => !known.Contains(name)).Select(name => $"{Path.GetFileName(file)}: {name}"));
        }
    }

    [Fact]
    public void Every_alert_has_a_severity_a_summary_and_a_section_in_operations()
    {
        var operations = File.ReadAllLines(Path.Combine(Repository.Folder, "docs", "operations.md"));
        var file = new YamlStream();
        using (var text = File.OpenText(Rules))
            file.Load(text);
        var alerts = ((YamlSequenceNode)file.Documents[0].RootNode["groups"]).SelectMany(group => (YamlSequenceNode)group["rules"]).ToList();

        Assert.True(alerts.Count > 12, $"only {alerts.Count} alerts were found");
        Assert.All(alerts, alert =>
        {
            var name = alert["alert"].ToString();
            Assert.Contains(alert["labels"]["severity"].ToString(), (string[])["critical", "warning"]);
            Assert.NotEmpty(alert["annotations"]["summary"].ToString());
            Assert.EndsWith($"docs/operations.md, {name}.", alert["annotations"]["description"].ToString(), StringComparison.Ordinal);
            Assert.Contains($"### {name}", operations);
        });
        Assert.Equal(
            alerts.Select(alert => $"### {alert["alert"]}"),
            operations.SkipWhile(line => line != "## Alerts").Skip(1).TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))
                .Where(line => line.StartsWith("### ", StringComparison.Ordinal)));
    }

    [Fact]
    public void Dashboards_have_uids_and_every_panel_has_a_title_a_unit_and_the_provisioned_data_source()
    {
        var source = File.ReadAllText(Path.Combine(Repository.Folder, "deploy", "grafana", "provisioning", "datasources", "prometheus.yml"));
        var dashboards = Dashboards.Select(file => JsonDocument.Parse(File.ReadAllText(file)).RootElement).ToList();

        Assert.Distinct(dashboards.Select(dashboard => dashboard.GetProperty("uid").GetString()));
        foreach (var panel in dashboards.SelectMany(dashboard => dashboard.GetProperty("panels").EnumerateArray()))
        {
            Assert.NotEmpty(panel.GetProperty("title").GetString()!);
            Assert.NotEmpty(panel.GetProperty("fieldConfig").GetProperty("defaults").GetProperty("unit").GetString()!);
            Assert.Contains($"uid: {panel.GetProperty("datasource").GetProperty("uid").GetString()}\n", source, StringComparison.Ordinal);
        }
    }

    /// <summary>All instruments that the classes of our programs create, which are the classes whose constructor takes an <see cref="IMeterFactory"/>.</summary>
    private static List<Instrument> FindInstruments()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var factory = services.GetRequiredService<IMeterFactory>();
        var found = new List<Instrument>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                // Other tests of this process have meters of their own.
                if (ReferenceEquals(instrument.Meter.Scope, factory))
                    found.Add(instrument);
            },
        };
        listener.Start();

        var classes = from file in Directory.GetFiles(AppContext.BaseDirectory, "EnergyAspire.*.dll")
                      where !file.EndsWith(".Tests.dll", StringComparison.Ordinal)
                      from type in Assembly.Load(Path.GetFileNameWithoutExtension(file)).GetTypes()
                      where Constructors(type).Any(constructor => constructor.GetParameters().Any(parameter => parameter.ParameterType == typeof(IMeterFactory)))
                      select type;
        foreach (var type in classes)
            Create(type, factory);

        return found;
    }

    private static object Create(Type type, IMeterFactory factory) => type == typeof(IMeterFactory)
        ? factory
        : Constructors(type).Single() is var constructor
            ? constructor.Invoke([.. constructor.GetParameters().Select(parameter => Create(parameter.ParameterType, factory))])
            : throw new MissingMethodException(type.FullName);

    private static ConstructorInfo[] Constructors(Type type) => type.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);

    /// <summary>The source files of the classes that create instruments.</summary>
    private static IEnumerable<string> Sources() =>
        from folder in (string[])["services", "simulator"]
        from file in Directory.GetFiles(Path.Combine(Repository.Folder, folder), "*.cs", SearchOption.AllDirectories)
        where file.EndsWith("Metrics.cs", StringComparison.Ordinal) || file.EndsWith("Telemetry.cs", StringComparison.Ordinal)
        let text = File.ReadAllText(file)
        where text.Contains(nameof(IMeterFactory), StringComparison.Ordinal)
        select text;

    private static string Kind(Instrument instrument) =>
        instrument.GetType().Name.Split('`')[0].Replace("Observable", "", StringComparison.Ordinal).ToLowerInvariant();

    private static string WithoutAttributes(string row) => row[..(row.TrimEnd(' ', '|').LastIndexOf(" | ", StringComparison.Ordinal) + 2)];

    private static IEnumerable<string> NamesInPrometheus(Instrument instrument)
    {
        var name = instrument.Name.Replace('.', '_') + (instrument.Unit == "s" ? "_seconds" : "");
        return Kind(instrument) switch
        {
            "counter" => [$"{name}_total"],
            "histogram" => [$"{name}_bucket", $"{name}_sum", $"{name}_count"],
            _ => [name],
        };
    }

    // A literal that is the key of a pair: KeyValuePair.Create("name", ...), new("name", ...), Add("name", ...), { "name", ... }.
    [GeneratedRegex("""(Create|>|new)\("(?<name>[a-z_.]+)", (?!")|(tags\.Add\(|\{ )"(?<name>[a-z_.]+)",""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Attribute();

    [GeneratedRegex(@"\b(energy|messaging)_[a-z_]+\b", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NameInPrometheus();
}
