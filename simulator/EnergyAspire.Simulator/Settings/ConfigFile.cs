using System.Text.Json;
using System.Text.Json.Serialization;

namespace EnergyAspire.Simulator.Settings;

/// <summary>The configuration file as written; what is absent is null.</summary>
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

    /// <summary>Energy at multiplier 1, of the time that <see cref="BaseLoadPer"/> says.</summary>
    public double? BaseLoadKwh { get; init; }

    /// <summary>
    /// What <see cref="BaseLoadKwh"/> is the energy of: <c>ten_minutes</c>, so that a shorter interval reports less, or <c>interval</c>, so that
    /// each reading reports all of it, as the simulator that this one replaced did.
    /// </summary>
    public string? BaseLoadPer { get; init; }

    /// <summary>Simulated minutes in a real second; 0 for real speed.</summary>
    public double? TimeAcceleration { get; init; }

    /// <summary>Patterns by name; they replace the default ones.</summary>
    public IReadOnlyDictionary<string, PatternConfig>? Patterns { get; init; }

    /// <summary>Broker; not used when the connection string <c>messaging</c> is set.</summary>
    [JsonPropertyName("rabbitmq")]
    public BrokerConfig? RabbitMq { get; init; }

    /// <summary>Keys that nobody knows.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement> Unknown { get; init; } = [];

    /// <summary>
    /// The file that is read unless another one is named: beside a published program its <c>config.json</c>, else <c>simulator/config.json</c> of
    /// the repository that the program was built in.
    /// </summary>
    public static string DefaultPath { get; } = FindDefault();

    /// <summary>Reads a file.</summary>
    /// <exception cref="SettingsException">It isn't there or isn't what it should be.</exception>
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
    /// <exception cref="SettingsException">It isn't what it should be.</exception>
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
/// <param name="BaseLoadKwh">Own base load.</param>
/// <param name="TimeZone">IANA zone of its site; UTC by default.</param>
public sealed record DeviceConfig(Guid DeviceId, double? BaseLoadKwh = null, string? TimeZone = null);

/// <summary>A pattern in the file.</summary>
/// <param name="Hours">Hours of the day.</param>
/// <param name="Multiplier">Factor on the base load.</param>
/// <param name="Description">For the reader.</param>
public sealed record PatternConfig(IReadOnlyList<int>? Hours, double? Multiplier, string? Description);

/// <summary>The broker in the file.</summary>
public sealed record BrokerConfig(string? Host, int? Port, string? User, string? Password, string? Queue);
