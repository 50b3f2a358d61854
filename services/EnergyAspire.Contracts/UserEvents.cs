using System.Text.Json.Serialization;

namespace EnergyAspire.Contracts;

/// <summary>An account became active.</summary>
/// <param name="Id">Account id.</param>
/// <param name="Username">Sign-in name, unique.</param>
/// <param name="Role"><c>admin</c> or <c>client</c>.</param>
/// <param name="TokenGeneration">Access tokens of an earlier generation are rejected from now on; with 0 all generations are valid.</param>
public sealed record UserCreated(Guid Id, string Username, string Role, long TokenGeneration = 0) : IEvent
{
    /// <inheritdoc />
    public static string EventType => "user_created";

    /// <inheritdoc />
    [JsonIgnore]
    public string Aggregate => $"user:{Id}";
}

/// <summary>The name or role of an account changed, or its earlier tokens became invalid.</summary>
/// <param name="Id">Account id.</param>
/// <param name="Username">Sign-in name, unique.</param>
/// <param name="Role"><c>admin</c> or <c>client</c>.</param>
/// <param name="TokenGeneration">Access tokens of an earlier generation are rejected from now on; with 0 all generations are valid.</param>
public sealed record UserUpdated(Guid Id, string Username, string Role, long TokenGeneration = 0) : IEvent
{
    /// <inheritdoc />
    public static string EventType => "user_updated";

    /// <inheritdoc />
    [JsonIgnore]
    public string Aggregate => $"user:{Id}";
}

/// <summary>An account was deleted permanently.</summary>
/// <param name="Id">Account id, never used again.</param>
public sealed record UserDeleted(Guid Id) : IEvent
{
    /// <inheritdoc />
    public static string EventType => "user_deleted";

    /// <inheritdoc />
    [JsonIgnore]
    public string Aggregate => $"user:{Id}";
}
