namespace EnergyAspire.Monitoring.Budgets;

/// <summary>Budget that an account has set for a calendar month of a device, in kWh or in money.</summary>
public sealed class Budget
{
    /// <summary>Account that set it; nobody else sees it.</summary>
    public required Guid UserId { get; init; }

    /// <summary>Device.</summary>
    public required Guid DeviceId { get; init; }

    /// <summary>kWh for each month; null for a budget in money.</summary>
    public required decimal? Kwh { get; init; }

    /// <summary>Cost of each month; null for a budget in kWh.</summary>
    public required decimal? Cost { get; init; }

    /// <summary>When it was set or changed last.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }
}
