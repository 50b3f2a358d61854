using EnergyAspire.Import.Reporting;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Import;

/// <summary>Reads the databases again, and reports every imported row that one of them lacks.</summary>
internal sealed class ArrivalCheck(ImportDatabases databases, ImportReport report)
{
    /// <summary>Checks accounts, profiles, devices and mappings, and Monitoring's replicas of them.</summary>
    /// <param name="accounts">Accounts that must be here.</param>
    /// <param name="devices">Devices that must be here.</param>
    /// <param name="mappings">Mappings that must be here.</param>
    public async Task RunAsync(
        IReadOnlySet<Guid> accounts, IReadOnlySet<Guid> devices, IReadOnlySet<(Guid UserId, Guid DeviceId)> mappings, CancellationToken cancel)
    {
        await using (var db = databases.Auth())
            Require("account", accounts, await db.Accounts.Select(account => account.Id).ToListAsync(cancel));
        await using (var db = databases.Users())
            Require("profile", accounts, await db.Profiles.IgnoreQueryFilters().Select(profile => profile.Id).ToListAsync(cancel));
        await using (var db = databases.Devices())
        {
            Require("device", devices, await db.Devices.Select(device => device.Id).ToListAsync(cancel));
            var assigned = await db.Mappings.Where(mapping => mapping.IsAssigned).Select(mapping => new { mapping.UserId, mapping.DeviceId }).ToListAsync(cancel);
            Require("mapping", mappings, assigned.ConvertAll(mapping => (mapping.UserId, mapping.DeviceId)));
        }

        await using (var db = databases.MonitoringContext())
        {
            Require("replica", accounts, await db.Users.Where(user => !user.IsDeleted).Select(user => user.Id).ToListAsync(cancel));
            Require("replica", devices, await db.Devices.Where(device => !device.IsDeleted).Select(device => device.Id).ToListAsync(cancel));
            var assigned = await db.Mappings.Where(mapping => mapping.IsAssigned).Select(mapping => new { mapping.UserId, mapping.DeviceId }).ToListAsync(cancel);
            Require("replica", mappings, assigned.ConvertAll(mapping => (mapping.UserId, mapping.DeviceId)));
        }
    }

    private void Require<T>(string subject, IEnumerable<T> expected, IEnumerable<T> here)
    {
        foreach (var missing in expected.Except(here))
            report.Missing(subject, null, $"{missing} did not arrive.");
    }
}
