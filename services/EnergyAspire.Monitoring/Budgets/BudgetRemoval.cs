using EnergyAspire.Monitoring.Data;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Budgets;

/// <summary>Removes the budgets of accounts and devices that are deleted.</summary>
internal static class BudgetRemoval
{
    /// <summary>Removes the budgets that accounts have set.</summary>
    public static Task RemoveBudgetsOfUsersAsync(this MonitoringDbContext db, IEnumerable<Guid> users, CancellationToken cancel) =>
        db.Budgets.Where(budget => users.Contains(budget.UserId)).ExecuteDeleteAsync(cancel);

    /// <summary>Removes the budgets of devices.</summary>
    public static Task RemoveBudgetsOfDevicesAsync(this MonitoringDbContext db, IEnumerable<Guid> devices, CancellationToken cancel) =>
        db.Budgets.Where(budget => devices.Contains(budget.DeviceId)).ExecuteDeleteAsync(cancel);
}
