using System.Text.Json.Serialization;
using EnergyAspire.Monitoring.Registers;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EnergyAspire.Monitoring.Quarantine;

/// <summary>A decision about a register reading that doesn't continue from the one before. Unknown fields are rejected.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record RegisterAcceptance
{
    /// <summary>
    /// <c>reset</c>: the register began at 0 again since the reading before, so its value is the energy since then. <c>rollover</c>: it passed its highest
    /// value. <c>new_start</c>: the energy since the reading before is unknown, and none is counted.
    /// </summary>
    public string? As { get; init; }

    internal static ValidationProblem Problem => TypedResults.ValidationProblem(
        new Dictionary<string, string[]>(StringComparer.Ordinal) { ["as"] = ["It must be 'reset', 'rollover' or 'new_start'."] });

    [JsonIgnore]
    internal RegisterDecision? Decision => As switch
    {
        "reset" => RegisterDecision.Reset,
        "rollover" => RegisterDecision.Rollover,
        "new_start" => RegisterDecision.NewStart,
        _ => null,
    };
}
