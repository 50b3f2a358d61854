using System.Text.Json;

namespace EnergyAspire.Messaging;

/// <summary>JSON settings of events.</summary>
public static class MessageJson
{
    /// <summary>JSON in snake_case; unknown fields are ignored, because fields may be added.</summary>
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };
}
