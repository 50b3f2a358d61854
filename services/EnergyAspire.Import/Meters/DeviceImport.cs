using EnergyAspire.Data.Audit;
using EnergyAspire.Devices.Devices;
using EnergyAspire.Devices.Mappings;
using EnergyAspire.Import.Old;
using EnergyAspire.Import.Reporting;
using EnergyAspire.Messaging.Outbox;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Import.Meters;

/// <summary>Imports devices and mappings with their ids.</summary>
/// <param name="zone">IANA zone that the devices get. The replaced system knows no zones.</param>
internal sealed class DeviceImport(ImportDatabases databases, ImportReport report, TimeProvider time, string zone, bool isDryRun)
{
    private const string Subject = "device";

    private static readonly AuditActor Actor = new(Id: null, "import", Address: null);

    /// <summary>Devices that are here after the import.</summary>
    public HashSet<Guid> Imported { get; } = [];

    /// <summary>Devices that are assigned to accounts after the import.</summary>
    public HashSet<(Guid UserId, Guid DeviceId)> Assigned { get; } = [];

    /// <summary>Imports all devices.</summary>
    /// <param name="readings">Readings of the replaced system, which show how often a device reports.</param>
    public async Task RunAsync(OldReadings readings, CancellationToken cancel)
    {
        var devices = await databases.OldDevices.ReadDevicesAsync(cancel);
        report.Say($"Devices: {devices.Count} to import.");
        var added = 0;
        foreach (var old in devices)
        {
            if (await ImportAsync(old, readings, cancel))
                added++;
        }

        report.Say($"Devices: {added} {(isDryRun ? "would be added" : "added")}, {Imported.Count - added} were here.");
    }

    /// <summary>Imports all mappings between accounts and devices that are here.</summary>
    /// <param name="accounts">Accounts that are here.</param>
    public async Task RunMappingsAsync(IReadOnlySet<Guid> accounts, CancellationToken cancel)
    {
        var mappings = await databases.OldDevices.ReadMappingsAsync(cancel);
        report.Say($"Mappings: {mappings.Count} to import.");
        var (added, here) = (0, 0);
        foreach (var old in mappings)
        {
            if (!accounts.Contains(old.UserId))
                report.KeptOut("mapping", old.Id, $"Its account {old.UserId} isn't imported.");
            else if (!Imported.Contains(old.DeviceId))
                report.KeptOut("mapping", old.Id, $"Its device {old.DeviceId} isn't imported.");
            else if (await ImportAsync(old, cancel))
                added++;
            else
                here++;
        }

        report.Say($"Mappings: {added} {(isDryRun ? "would be added" : "added")}, {here} were here.");
    }

    /// <returns>Whether the device was added.</returns>
    private async Task<bool> ImportAsync(OldDevice old, OldReadings readings, CancellationToken cancel)
    {
        await using var db = databases.Devices();
        if (await db.Devices.AsNoTracking().SingleOrDefaultAsync(held => held.Id == old.Id, cancel) is { } here)
        {
            Compare(here, old);
            Imported.Add(old.Id);
            return false;
        }

        if (old.Id == Guid.Empty)
        {
            report.KeptOut(Subject, old.Id, $"{old.Name} has an id of zeros only.");
            return false;
        }

        if (await db.Set<AuditRecord>().AnyAsync(record => record.DeviceId == old.Id && record.Action == "device_deleted", cancel))
        {
            report.KeptOut(Subject, old.Id, $"{old.Name} was deleted here.");
            return false;
        }

        var device = await ToDeviceAsync(old, readings, cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await db.HoldMetersAsync(cancel);
        if (await db.FindUseOfOthersAsync(device, cancel) is { } use)
        {
            report.KeptOut(Subject, old.Id, $"{old.Name} has the id of a meter that is in use here. {use}");
            return false;
        }

        Imported.Add(old.Id);
        if (isDryRun)
            return true;

        var now = time.GetUtcNow();
        db.Add(device);
        db.Announce(device.Created(), device.Version, now);
        db.Audit(Actor, "device_imported", now, deviceId: device.Id, after: DeviceFacts.Of(device));
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);

        return true;
    }

    private async Task<Device> ToDeviceAsync(OldDevice old, OldReadings readings, CancellationToken cancel)
    {
        var interval = await readings.IntervalAsync(old.Id, cancel) is { } seconds
            ? (int)Math.Clamp(Math.Round(seconds), 1, DeviceRules.LongestInterval)
            : Device.DefaultReportingInterval;
        if (interval != Device.DefaultReportingInterval)
            report.Note(Subject, old.Id, $"Its readings show that it reports every {interval} seconds.");

        return new Device
        {
            Id = old.Id,
            Name = NameOf(old),
            Description = DescriptionOf(old),
            MaxConsumption = LimitOf(old),
            Price = PriceOf(old),
            TimeZone = zone,
            ReportingIntervalSeconds = interval,
            CreatedAt = old.CreatedAt,
            UpdatedAt = old.CreatedAt,
        };
    }

    private string NameOf(OldDevice old)
    {
        var read = DeviceRules.ReadName(old.Name);
        if (read.Error is null)
            return read.Value;

        if (string.IsNullOrWhiteSpace(old.Name))
        {
            var name = $"Device {old.Id.ToString("N")[..8]}";
            report.Changed(Subject, old.Id, $"It has no name there and is {name} here.");
            return name;
        }

        report.Note(Subject, old.Id, $"The name {old.Name} stays as it is, but couldn't be chosen here: {read.Error}");
        return old.Name.Normalize();
    }

    private string DescriptionOf(OldDevice old)
    {
        var description = DeviceRules.ReadDescription(old.Description ?? "");
        if (description.Length <= DeviceRules.LongestDescription)
            return description;

        report.Changed(Subject, old.Id, $"Its description is cut after {DeviceRules.LongestDescription} characters. It was: {old.Description}");
        return description[..DeviceRules.LongestDescription];
    }

    // A limit that this system has no use for becomes the largest possible one, so that no alerts are raised by it.
    private decimal LimitOf(OldDevice old)
    {
        if (old.MaxConsumption is > 0 and <= DeviceRules.LargestConsumption)
            return old.MaxConsumption;

        report.Changed(Subject, old.Id, $"Its limit of {old.MaxConsumption} kWh is {DeviceRules.LargestConsumption} kWh here, the largest that is possible.");
        return DeviceRules.LargestConsumption;
    }

    private decimal? PriceOf(OldDevice old)
    {
        if (old.Price is >= 0 and <= DeviceRules.HighestPrice)
            return old.Price;

        report.Changed(Subject, old.Id, $"Its price of {old.Price} is unknown here.");
        return null;
    }

    private void Compare(Device here, OldDevice old)
    {
        var differs = new[]
        {
            here.Name == old.Name.Normalize() || here.Name == DeviceRules.ReadName(old.Name).Value ? null : $"name {here.Name} here, {old.Name} there",
            here.MaxConsumption == old.MaxConsumption || here.MaxConsumption == DeviceRules.LargestConsumption
                ? null
                : $"limit {here.MaxConsumption} here, {old.MaxConsumption} there",
            here.Price is null || here.Price == old.Price ? null : $"price {here.Price} here, {old.Price} there",
        };
        if (Array.FindAll(differs, difference => difference is not null) is { Length: > 0 } found)
            report.Note(Subject, old.Id, $"It stays as it is here: {string.Join("; ", found)}.");
    }

    /// <returns>Whether the mapping was added.</returns>
    private async Task<bool> ImportAsync(OldMapping old, CancellationToken cancel)
    {
        await using var db = databases.Devices();
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        // The same lock order as every assignment, so that a deletion of the account or the device finds the mapping.
        await db.Database.ExecuteSqlAsync($"select from user_replicas where id = {old.UserId} for share", cancel);
        await db.Database.ExecuteSqlAsync($"select from devices where id = {old.DeviceId} for share", cancel);
        if (await db.Mappings.AsNoTracking().SingleOrDefaultAsync(held => held.UserId == old.UserId && held.DeviceId == old.DeviceId, cancel) is { } here)
        {
            if (here.IsAssigned)
                Assigned.Add((old.UserId, old.DeviceId));
            else
                report.KeptOut("mapping", old.Id, $"The device {old.DeviceId} was unassigned from the account {old.UserId} here.");
            return false;
        }

        Assigned.Add((old.UserId, old.DeviceId));
        if (isDryRun)
            return true;

        var now = time.GetUtcNow();
        var mapping = new Mapping { Id = old.Id, UserId = old.UserId, DeviceId = old.DeviceId, AssignedAt = old.AssignedAt };
        db.Add(mapping);
        db.Announce(mapping.Assigned(), mapping.Version, now);
        db.Audit(Actor, "device_assigned", now, mapping.UserId, mapping.DeviceId, after: MappingFacts.Of(mapping));
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);

        return true;
    }
}
