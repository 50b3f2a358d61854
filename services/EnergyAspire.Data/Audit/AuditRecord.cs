namespace EnergyAspire.Data.Audit;

/// <summary>Who changed or attempted what, when and from where. The table is append-only: the database refuses updates and deletions.</summary>
public sealed class AuditRecord
{
    /// <summary>Grows with time.</summary>
    public required Guid Id { get; init; }

    /// <summary>When it happened.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>What happened, such as <c>device_created</c>.</summary>
    public required string Action { get; init; }

    /// <summary>Account that did it; null when nobody was signed in or a service did it.</summary>
    public Guid? ActorId { get; init; }

    /// <summary>Name of the account or service at that time; empty when unknown.</summary>
    public required string Actor { get; init; }

    /// <summary>Address that the request came from; null when there was none.</summary>
    public string? Address { get; init; }

    /// <summary>Account that was changed; null when the action wasn't about an account.</summary>
    public Guid? UserId { get; init; }

    /// <summary>Device that was changed; null when the action wasn't about a device.</summary>
    public Guid? DeviceId { get; init; }

    /// <summary>State before as JSON, without secrets; null when there was none.</summary>
    public string? Before { get; init; }

    /// <summary>State after as JSON, without secrets; null when there is none.</summary>
    public string? After { get; init; }

    /// <summary>Trace of the request; null when it wasn't traced.</summary>
    public string? TraceId { get; init; }
}

/// <summary>Who did something, and from where.</summary>
/// <param name="Id">Account; null when nobody was signed in or a service did it.</param>
/// <param name="Name">Name of the account or service; empty when unknown.</param>
/// <param name="Address">Address that the request came from.</param>
public sealed record AuditActor(Guid? Id, string Name, string? Address);
