using EnergyAspire.Devices.Devices;
using EnergyAspire.Devices.Mappings;
using EnergyAspire.Messaging.Outbox;
using EnergyAspire.ServiceDefaults;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Devices.Data;

/// <summary>Devices that exist in Development only, so that a fresh installation has something to show.</summary>
internal static class DevelopmentDevices
{
    /// <summary>
    /// Adds the devices and their mappings to a new database, with their events for other services. Rows of mappings are never deleted, so a
    /// database that has any isn't new, and deleted devices are not added again.
    /// </summary>
    public static DbContextOptionsBuilder UseDevelopmentDevices(this DbContextOptionsBuilder options) => options
        .UseSeeding((db, _) =>
        {
            if (!db.Set<Mapping>().Any())
            {
                AddAll(db);
                db.SaveChanges();
            }
        })
        .UseAsyncSeeding(async (db, _, cancel) =>
        {
            if (!await db.Set<Mapping>().AnyAsync(cancel))
            {
                AddAll(db);
                await db.SaveChangesAsync(cancel);
            }
        });

    private static void AddAll(DbContext db)
    {
        foreach (var device in Devices())
        {
            db.Add(device);
            db.Announce(device.Created(), device.Version, device.CreatedAt);
        }

        foreach (var mapping in Mappings())
        {
            db.Add(mapping);
            db.Announce(mapping.Assigned(), mapping.Version, mapping.AssignedAt);
        }
    }

    private static IEnumerable<Device> Devices()
    {
        yield return At("Europe/Berlin", DevelopmentData.HeatPump, "Heat pump", "Heating and hot water, in the cellar", 3.0m, 0.32m);
        yield return At("Europe/Berlin", DevelopmentData.Kitchen, "Kitchen", "Stove, oven and refrigerator", 1.6m, 0.32m);
        yield return At("Europe/Berlin", DevelopmentData.Laundry, "Shared laundry", "Washing machine and dryer of the whole house", 2.2m, 0.32m);
        yield return At("Asia/Kolkata", DevelopmentData.CarCharger, "Car charger", "Wall box in the garage", 5.0m, 0.08m);
    }

    private static IEnumerable<Mapping> Mappings()
    {
        yield return Between(DevelopmentData.Alice, DevelopmentData.HeatPump, "00000000-0000-7000-8000-0000000000e1");
        yield return Between(DevelopmentData.Alice, DevelopmentData.Kitchen, "00000000-0000-7000-8000-0000000000e2");
        yield return Between(DevelopmentData.Alice, DevelopmentData.Laundry, "00000000-0000-7000-8000-0000000000e3");
        yield return Between(DevelopmentData.Bob, DevelopmentData.Laundry, "00000000-0000-7000-8000-0000000000e4");
        yield return Between(DevelopmentData.Bob, DevelopmentData.CarCharger, "00000000-0000-7000-8000-0000000000e5");
    }

    private static Device At(string timeZone, Guid id, string name, string description, decimal maxConsumption, decimal price) => new()
    {
        Id = id,
        Name = name,
        Description = description,
        MaxConsumption = maxConsumption,
        Price = price,
        TimeZone = timeZone,
        // As in the simulator's config.json: short, so that changes are visible quickly.
        ReportingIntervalSeconds = 60,
        CreatedAt = DevelopmentData.Since,
        UpdatedAt = DevelopmentData.Since,
    };

    private static Mapping Between(Guid userId, Guid deviceId, string id) => new()
    {
        Id = new Guid(id),
        UserId = userId,
        DeviceId = deviceId,
        AssignedAt = DevelopmentData.Since,
    };
}
