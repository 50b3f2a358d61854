using EnergyAspire.Api.Names;
using EnergyAspire.Data.Imports;
using EnergyAspire.Devices.Data;
using EnergyAspire.Devices.Devices;
using EnergyAspire.Devices.Mappings;
using EnergyAspire.Devices.Tariffs;
using EnergyAspire.Devices.Users;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Devices.Imports;

/// <summary>
/// Imports lines, each in its own transaction by the same code as single changes. A line is first applied to what was read before, without saving; so a
/// preview ends there, and so do lines that fail or change nothing.
/// </summary>
internal sealed class DeviceImport(Work request, SiteOptions site, TimeProvider time)
{
    private readonly DeviceDbContext _db = request.Db;
    private readonly Dictionary<string, int> _seen = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, int> _seenIds = [];
    private List<Tariff> _tariffs = [];

    /// <summary>Imports lines in the order of the file.</summary>
    /// <param name="lines">Lines.</param>
    /// <param name="isPreview">Whether to write nothing.</param>
    public async Task<List<ImportedLine>> RunAsync(IReadOnlyList<ImportLine> lines, bool isPreview, CancellationToken cancel)
    {
        var users = await UsersAsync(lines.SelectMany(line => line.Usernames), cancel);
        var devices = await DevicesAsync(lines, cancel);
        _tariffs = await TariffCell.FindAsync(_db, lines.Select(line => line.Tariff), cancel);
        var assigned = await AssignedAsync([.. devices.Values.Select(device => device.Id)], cancel);

        var results = new List<ImportedLine>(lines.Count);
        foreach (var line in lines)
        {
            var device = line.ExternalId is null ? null : devices.GetValueOrDefault(line.ExternalId);
            var people = line.Usernames.Select(name => (Name: name, User: users.GetValueOrDefault(Usernames.Key(name)))).ToList();
            var errors = line.Errors
                .Concat(people.Where(person => person.User is null).Select(person => new LineError(Columns.Username, $"There is no user “{person.Name}”.")))
                .Concat(Repeated(line)).ToList();
            var planned = await ApplyAsync(request, line, device, errors, cancel);
            _db.ChangeTracker.Clear();
            if (planned.Result == LineResult.Unchanged && people.Exists(person => !assigned.Contains((person.User!.Id, device!.Id))))
                planned = planned with { Result = LineResult.Updated };
            if (isPreview && planned.Result == LineResult.Created)
                planned = planned with { DeviceId = line.Id };

            results.Add(isPreview || planned.Result is LineResult.Failed or LineResult.Unchanged
                ? planned
                : await WriteAsync(line, [.. people.Select(person => person.User!.Id).Distinct().Order()], cancel));
        }

        return results;
    }

    /// <summary>Writes a line as a whole or not at all.</summary>
    private async Task<ImportedLine> WriteAsync(ImportLine line, IReadOnlyList<Guid> userIds, CancellationToken cancel, bool isRepeated = false)
    {
        Refusal? refusal;
        await using (var transaction = await _db.Database.BeginTransactionAsync(cancel))
        {
            try
            {
                var work = Work.Begin(_db, time, request.Actor);
                // The lock order of MappingChanges.
                foreach (var id in userIds)
                {
                    if (await _db.HoldUserAsync(id, cancel) is null)
                        return Failed(line, [new LineError(Columns.Username, "The user was deleted meanwhile.")]);
                }

                var held = await _db.Devices.FromSql($"select * from devices where external_id = {line.ExternalId} for update").ToListAsync(cancel);
                var result = await ApplyAsync(work, line, held.SingleOrDefault(), [], cancel);
                if (result.Result == LineResult.Failed)
                    return result;

                foreach (var id in userIds)
                {
                    if (await work.AssignAsync(id, result.DeviceId!.Value, work.Now, cancel) is not null && result.Result == LineResult.Unchanged)
                        result = result with { Result = LineResult.Updated };
                }

                refusal = await _db.SaveDevicesAsync(cancel);
                if (refusal is null)
                {
                    await transaction.CommitAsync(cancel);
                    return result;
                }
            }
            finally
            {
                _db.ChangeTracker.Clear();
            }
        }

        // Another import has registered the device meanwhile, so it is there now.
        return refusal.Errors.ContainsKey(Columns.ExternalId) && !isRepeated
            ? await WriteAsync(line, userIds, cancel, isRepeated: true)
            : Failed(line, Errors(refusal));
    }

    /// <summary>Adds what the line changes of the device to the context, without its assignments.</summary>
    /// <param name="held">The device; null when the line registers it.</param>
    /// <param name="errors">What is wrong with the line already.</param>
    private async Task<ImportedLine> ApplyAsync(Work work, ImportLine line, Device? held, List<LineError> errors, CancellationToken cancel)
    {
        var device = held ?? line.ToNewDevice().ToDevice(site, work.Now);
        var version = device.Version;
        var change = line.Change;
        if (line.Tariff is { } cell)
        {
            var (tariffs, error) = await cell.ApplyToAsync(_db, device, change.TimeZone ?? device.TimeZone, _tariffs, work.Now, cancel);
            if (error is not null)
                errors = [.. errors, error];
            if (held is null)
                device.Tariffs = tariffs;
            change = change with { Tariffs = tariffs };
        }

        var refusal =
            held is null ? await work.RegisterAsync(device, isIdWanted: line.Id is not null, cancel)
            : line.Id is { } id && id != held.Id ? Refusal.Taken(Columns.Id, $"The device with this external id has the id {held.Id}.")
            : await work.ChangeAsync(held, change, cancel);
        // What can't be read is missing in the device too, and is named once.
        errors = [.. errors, .. Errors(refusal).Where(error => !errors.Exists(known => known.Column == error.Column))];
        if (errors.Count > 0)
            return Failed(line, errors) with { DeviceId = held?.Id };

        var result = held is null ? LineResult.Created : device.Version > version ? LineResult.Updated : LineResult.Unchanged;
        return new ImportedLine(line.Number, line.ExternalId, result, device.Id, []);
    }

    /// <summary>Finds what an earlier line of the file has already.</summary>
    private IEnumerable<LineError> Repeated(ImportLine line)
    {
        if (line.ExternalId is { } externalId && !_seen.TryAdd(externalId, line.Number))
            yield return new LineError(Columns.ExternalId, $"Line {_seen[externalId]} has this external id already.");
        if (line.Id is { } id && !_seenIds.TryAdd(id, line.Number))
            yield return new LineError(Columns.Id, $"Line {_seenIds[id]} has this id already.");
    }

    private async Task<Dictionary<string, UserReplica>> UsersAsync(IEnumerable<string> usernames, CancellationToken cancel)
    {
        var names = usernames.Distinct(StringComparer.Ordinal).ToArray();
        var found = await _db.Users
            .FromSql($"select * from user_replicas where not is_deleted and upper(username) in (select upper(name) from unnest({names}) as asked (name))")
            .AsNoTracking()
            .ToListAsync(cancel);

        return found.DistinctBy(user => Usernames.Key(user.Username)).ToDictionary(user => Usernames.Key(user.Username), StringComparer.Ordinal);
    }

    private async Task<Dictionary<string, Device>> DevicesAsync(IEnumerable<ImportLine> lines, CancellationToken cancel)
    {
        var ids = lines.Select(line => line.ExternalId).OfType<string>().ToArray();

        return await _db.Devices.FromSql($"select * from devices where external_id = any({ids})").AsNoTracking().ToDictionaryAsync(device => device.ExternalId!, cancel);
    }

    private async Task<HashSet<(Guid UserId, Guid DeviceId)>> AssignedAsync(Guid[] devices, CancellationToken cancel)
    {
        var mappings = await _db.Mappings.FromSql($"select * from mappings where is_assigned and device_id = any({devices})").AsNoTracking().ToListAsync(cancel);

        return [.. mappings.Select(mapping => (mapping.UserId, mapping.DeviceId))];
    }

    private static IEnumerable<LineError> Errors(Refusal? refusal) =>
        refusal?.Errors.SelectMany(field => field.Value, (field, message) => new LineError(field.Key, message)) ?? [];

    private static ImportedLine Failed(ImportLine line, IEnumerable<LineError> errors) =>
        new(line.Number, line.ExternalId, LineResult.Failed, DeviceId: null, [.. errors]);
}
