using System.Text.Json;
using System.Text.Json.Serialization;

namespace EnergyAspire.Simulator.Settings;

/// <summary>Contents of the configuration file; absent keys are null.</summary>
public sealed record ConfigFile
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        Converters = { new DeviceConfigConverter() },
    };

    /// <summary>The only meter.</summary>
    public Guid? DeviceId { get; init; }

    /// <summary>The meters.</summary>
    public IReadOnlyList<DeviceConfig>? Devices { get; init; }

    /// <summary>Length of an interval.</summary>
    public int? IntervalSeconds { get; init; }

    /// <summary>Energy at multiplier 1, in kWh for the time that <see cref="BaseLoadPer"/> names.</summary>
    public double? BaseLoadKwh { get; init; }

    /// <summary>
    /// Time that <see cref="BaseLoadKwh"/> refers to: <c>ten_minutes</c>, so that a shorter interval reports less, or <c>interval</c>, so that each
    /// reading reports the full value, as in the former simulator.
    /// </summary>
    public string? BaseLoadPer { get; init; }

    /// <summary>Simulated minutes in a real second; 0 for real speed.</summary>
    public double? TimeAcceleration { get; init; }

    /// <summary>Patterns by name; they replace the default ones.</summary>
    public IReadOnlyDictionary<string, PatternConfig>? Patterns { get; init; }

    /// <summary>Broker; not used when the connection string <c>messaging</c> is set.</summary>
    [JsonPropertyName("rabbitmq")]
    public BrokerConfig? RabbitMq { get; init; }

    /// <summary>Unknown keys.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement> Unknown { get; init; } = [];

    /// <summary>
    /// Default file: <c>config.json</c> beside a published program, otherwise <c>simulator/config.json</c> of the repository that the program was
    /// built in.
    /// </summary>
    public static string DefaultPath { get; } = FindDefault();

    /// <summary>Reads a file.</summary>
    /// <exception cref="SettingsException">The file is missing or invalid.</exception>
    public static ConfigFile Read(string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException($"The configuration file can't be read: {failure.Message}", failure);
        }

        return Parse(text, path);
    }

    /// <summary>Reads a file's text.</summary>
    /// <exception cref="SettingsException">The text is invalid.</exception>
    public static ConfigFile Parse(string text, string path)
    {
        try
        {
            return JsonSerializer.Deserialize<ConfigFile>(text, Options)
                ?? throw new SettingsException($"{path} is not a JSON object.");
        }
        catch (JsonException failure)
        {
            var key = failure.Path is { Length: > 2 } at ? at[2..] : "The file";
            throw new SettingsException($"{path}, line {failure.LineNumber + 1}: {key} is not what it should be. {Expectation(key, failure)}", failure);
        }
    }

    private static string FindDefault()
    {
        var beside = Path.Combine(AppContext.BaseDirectory, "config.json");
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); !File.Exists(beside) && folder is not null; folder = folder.Parent)
        {
            var source = Path.Combine(folder.FullName, "simulator", "config.json");
            if (File.Exists(source))
                return source;
        }

        return beside;
    }

    private static string Expectation(string key, JsonException failure) => key[(key.LastIndexOf('.') + 1)..].Split('[')[0] switch
    {
        "device_id" => "It must be a UUID.",
        "interval_seconds" or "port" or "hours" => "It must be a whole number.",
        "base_load_kwh" or "time_acceleration" or "multiplier" => "It must be a number.",
        _ when !failure.Message.StartsWith("The JSON value", StringComparison.Ordinal) => failure.Message,
        "devices" => "It must be a list.",
        _ => "It must be a JSON object.",
    };
}

/// <summary>A meter in the file: a UUID, or an object with these keys.</summary>
/// <param name="DeviceId">Device.</param>
/// <param name="BaseLoadKwh">Base load of this meter.</param>
/// <param name="TimeZone">IANA zone of its site; UTC by default.</param>
public sealed record DeviceConfig(Guid DeviceId, double? BaseLoadKwh = null, string? TimeZone = null);

/// <summary>A pattern in the file.</summary>
/// <param name="Hours">Hours of the day.</param>
/// <param name="Multiplier">Factor on the base load.</param>
/// <param name="Description">Comment for readers of the file.</param>
public sealed record PatternConfig(IReadOnlyList<int>? Hours, double? Multiplier, string? Description);

/// <summary>The broker in the file.</summary>
public sealed record BrokerConfig(string? Host, int? Port, string? User, string? Password, string? Queue);
