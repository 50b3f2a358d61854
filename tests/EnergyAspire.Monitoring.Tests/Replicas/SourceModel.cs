using EnergyAspire.Contracts;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Replicas;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Monitoring.Tests.Replicas;

/// <summary>What happens at the sources; moves that make no sense there don't happen.</summary>
/// <param name="Kind">Which of the ten kinds of events, 0 to 9.</param>
/// <param name="User">Which user.</param>
/// <param name="Device">Which device or tariff.</param>
/// <param name="Value">What to change to.</param>
public sealed record Move(int Kind, int User, int Device, int Value);

/// <summary>Delivers an event to the service's own handler.</summary>
public delegate Task Delivery(MonitoringDbContext db);

/// <summary>
/// Users, devices, mappings and tariffs as Identity and Devices keep them: versions that only grow, ids that are never used again, mappings that
/// end with their device or user; and what a replica of it must hold.
/// </summary>
public sealed class SourceModel
{
    private readonly Guid[] _userIds = [Guid.NewGuid(), Guid.NewGuid()];
    private readonly Guid[] _deviceIds = [Guid.NewGuid(), Guid.NewGuid()];
    private readonly Guid[] _tariffIds = [Guid.NewGuid(), Guid.NewGuid()];
    private readonly Dictionary<Guid, (TariffState State, long Version, bool IsGone)> _tariffs = [];
    private readonly Dictionary<Guid, (UserState State, long Version, bool IsGone)> _users = [];
    private readonly Dictionary<Guid, (DeviceState State, long Version, bool IsGone)> _devices = [];
    private readonly Dictionary<(Guid User, Guid Device), MappingState> _mappings = [];

    private DateTimeOffset _now = DateTimeOffset.UnixEpoch;

    /// <summary>Every event so far, in the order in which it happened.</summary>
    public List<Delivery> Events { get; } = [];

    public void Make(Move move)
    {
        var (user, device) = (_userIds[move.User], _deviceIds[move.Device]);
        var tariff = _tariffIds[move.Device];
        var (hasTariff, held) = (_tariffs.TryGetValue(tariff, out var found), found);
        var hasUser = _users.TryGetValue(user, out var person);
        var hasDevice = _devices.TryGetValue(device, out var meter);
        switch (move.Kind)
        {
            case 0 when !hasUser:
                Put(new UserState(user, $"user {move.Value}", "client", 1, 1), isNew: true);
                break;
            case 1 when hasUser && !person.IsGone:
                Put(new UserState(user, $"user {move.Value}", move.Value % 2 == 0 ? "admin" : "client", person.State.TokenGeneration + (move.Value % 3), person.Version + 1), isNew: false);
                break;
            case 2 when hasUser && !person.IsGone:
                Unassign(key => key.User == user);
                _users[user] = (person.State, person.Version + 1, true);
                Announce(new UserDeleted(user), person.Version + 1, ReplicaHandlers.Apply);
                break;
            case 3 when !hasDevice:
                Put(new DeviceState(device, $"device {move.Value}", "", 1 + move.Value, "UTC", 600, 1), isNew: true);
                break;
            case 4 when hasDevice && !meter.IsGone:
                Put(new DeviceState(device, $"device {move.Value}", $"{move.Value}", 1 + move.Value, "Asia/Kolkata", 60, meter.Version + 1, move.Value % 2 == 0 ? 0.5m : null)
                {
                    Meters = move.Value % 3 == 0 ? [] : [new DeviceMeter(device, null), new DeviceMeter(user, DateTimeOffset.UnixEpoch.AddHours(move.Value))],
                    Tariffs = move.Value % 5 == 0 ? [] : [new DeviceTariff(tariff, null), new DeviceTariff(null, DateOnly.MinValue.AddDays(1 + move.Value))],
                }, isNew: false);
                break;
            case 5 when hasDevice && !meter.IsGone:
                Unassign(key => key.Device == device);
                _devices[device] = (meter.State, meter.Version + 1, true);
                Announce(new DeviceDeleted(device), meter.Version + 1, ReplicaHandlers.Apply);
                break;
            case 6 when hasUser && !person.IsGone && hasDevice && !meter.IsGone && _mappings.GetValueOrDefault((user, device)) is null or { IsAssigned: false }:
                var (version, earlier) = _mappings.GetValueOrDefault((user, device)) is { } ended ? (ended.Version + 1, ended.Periods!) : (1, []);
                var assigned = new MappingState(user, device, version, true, [.. earlier, new MappingPeriod(earlier is [] && move.Value % 2 == 0 ? null : Now())]);
                _mappings[(user, device)] = assigned;
                Announce(new DeviceAssigned(user, device, assigned.Periods), version, ReplicaHandlers.Apply);
                break;
            case 7:
                Unassign(key => key == (user, device));
                break;
            case 8 when !held.IsGone:
                var state = new TariffState(
                    tariff, $"tariff {move.Value}", "EUR", [new TariffPrices(null, move.Value, [])], move.Value % 2 == 0 ? null : DateOnly.MinValue.AddDays(move.Value), held.Version + 1);
                _tariffs[tariff] = (state, state.Version, false);
                Announce(new TariffUpdated(tariff, state.Name, state.Currency, state.Prices, state.ValidUntil), state.Version, ReplicaHandlers.Apply);
                break;
            case 9 when hasTariff && !held.IsGone:
                _tariffs[tariff] = (held.State, held.Version + 1, true);
                Announce(new TariffDeleted(tariff), held.Version + 1, ReplicaHandlers.Apply);
                break;
        }
    }

    /// <summary>Lets sources tell the state as it is now.</summary>
    public FakeSources Sources()
    {
        var sources = new FakeSources();
        sources.Users.AddRange(_users.Values.Where(user => !user.IsGone).Select(user => user.State));
        sources.Devices.AddRange(_devices.Values.Where(device => !device.IsGone).Select(device => device.State));
        sources.Mappings.AddRange(_mappings.Values);
        sources.Tariffs.AddRange(_tariffs.Values.Where(tariff => !tariff.IsGone).Select(tariff => tariff.State));

        return sources;
    }

    /// <summary>Rows that a replica must hold once every event has come, as text.</summary>
    public IEnumerable<string> Rows() =>
    [
        .. _users.Select(user => user.Value.IsGone
            ? Row(user.Key, "", "", 0, user.Value.Version, true)
            : Row(user.Key, user.Value.State.Username, user.Value.State.Role, user.Value.State.TokenGeneration, user.Value.Version, false)),
        .. _devices.Select(device => Row(
            device.Value.State, device.Value.Version, device.Value.IsGone, device.Value.State.Meters is { Count: > 0 } meters ? MeterUses.Of(meters, device.Key) : [])),
        .. _mappings.Values.Select(mapping => Row(mapping.UserId, mapping.DeviceId, mapping.Version, mapping.IsAssigned, mapping.Periods!)),
        .. _tariffs.Values.Select(tariff => Row(tariff.State, tariff.Version, tariff.IsGone)),
    ];

    /// <summary>Rows that the replica holds of this model.</summary>
    public async Task<IEnumerable<string>> ReadAsync(MonitoringDbContext db)
    {
        var users = await db.Users.AsNoTracking().Where(user => _userIds.Contains(user.Id)).ToListAsync();
        var devices = await db.Devices.AsNoTracking().Where(device => _deviceIds.Contains(device.Id)).ToListAsync();
        var meters = (await db.Meters.AsNoTracking().Where(meter => _deviceIds.Contains(meter.DeviceId)).ToListAsync()).ToLookup(meter => meter.DeviceId);
        var tariffs = await db.Tariffs.AsNoTracking().Where(tariff => _tariffIds.Contains(tariff.Id)).ToListAsync();
        var mappings = await db.Mappings.AsNoTracking().Where(mapping => _userIds.Contains(mapping.UserId)).ToListAsync();

        return
        [
            .. users.Select(user => Row(user.Id, user.Username, user.Role, user.TokenGeneration, user.Version, user.IsDeleted)),
            .. devices.Select(device => Row(
                new DeviceState(device.Id, device.Name, device.Description, device.MaxConsumption, device.TimeZone, device.ReportingIntervalSeconds, device.StateVersion, device.Price) { Meters = device.Meters, Tariffs = device.Tariffs },
                device.Version, device.IsDeleted,
                meters[device.Id].Select(meter => new MeterUse(meter.MeterId, meter.ValidFrom, meter.ValidUntil)))),
            .. mappings.Select(mapping => Row(
                mapping.UserId, mapping.DeviceId, mapping.Version, mapping.IsAssigned,
                mapping.Periods.Select(period => new MappingPeriod(period.LowerBoundInfinite ? null : period.LowerBound, period.UpperBoundInfinite ? null : period.UpperBound)))),
            .. tariffs.Select(tariff => Row(
                new TariffState(tariff.Id, tariff.Name, tariff.Currency, tariff.Prices, tariff.ValidUntil, tariff.StateVersion), tariff.Version, tariff.IsDeleted)),
        ];
    }

    private static string Row(Guid id, string username, string role, long generation, long version, bool isDeleted) =>
        $"{id} {username} {role} {generation} {version} {isDeleted}";

    private static string Row(DeviceState device, long version, bool isDeleted, IEnumerable<MeterUse> uses) =>
        $"{device with { Meters = null, Tariffs = null }} {version} {isDeleted} {string.Join(", ", device.Meters ?? [])} {string.Join(", ", device.Tariffs ?? [])} {string.Join(", ", uses.OrderBy(use => use.From))}";

    private static string Row(TariffState tariff, long version, bool isDeleted) =>
        $"{tariff with { Prices = [] }} {string.Join(", ", tariff.Prices.Select(prices => prices.UnitPrice))} {version} {isDeleted}";

    private static string Row(Guid user, Guid device, long version, bool isAssigned, IEnumerable<MappingPeriod> periods) =>
        $"{user} {device} {version} {isAssigned} {string.Join(", ", periods.Select(period => $"{period.From?.UtcTicks}-{period.Until?.UtcTicks}"))}";

    /// <summary>A later time with each call.</summary>
    private DateTimeOffset Now() => _now = _now.AddHours(1);

    private void Put(UserState state, bool isNew)
    {
        _users[state.Id] = (state, state.Version, false);
        if (isNew)
            Announce(new UserCreated(state.Id, state.Username, state.Role, state.TokenGeneration), state.Version, ReplicaHandlers.Apply);
        else
            Announce(new UserUpdated(state.Id, state.Username, state.Role, state.TokenGeneration), state.Version, ReplicaHandlers.Apply);
    }

    private void Put(DeviceState state, bool isNew)
    {
        _devices[state.Id] = (state, state.Version, false);
        var (id, name, description, limit, zone, interval, version, price) = state;
        if (isNew)
            Announce(new DeviceCreated(id, name, description, limit, price, zone, interval) { Meters = state.Meters ?? [], Tariffs = state.Tariffs ?? [] }, version, ReplicaHandlers.Apply);
        else
            Announce(new DeviceUpdated(id, name, description, limit, price, zone, interval) { Meters = state.Meters ?? [], Tariffs = state.Tariffs ?? [] }, version, ReplicaHandlers.Apply);
    }

    private void Unassign(Func<(Guid User, Guid Device), bool> which)
    {
        foreach (var (key, mapping) in _mappings.Where(mapping => mapping.Value.IsAssigned && which(mapping.Key)).ToList())
        {
            IReadOnlyList<MappingPeriod> periods = [.. mapping.Periods!.SkipLast(1), mapping.Periods![^1] with { Until = Now() }];
            _mappings[key] = mapping with { Version = mapping.Version + 1, IsAssigned = false, Periods = periods };
            Announce(new DeviceUnassigned(key.User, key.Device, periods), mapping.Version + 1, ReplicaHandlers.Apply);
        }
    }

    private void Announce<TEvent>(TEvent fact, long version, Func<EventEnvelope<TEvent>, MonitoringDbContext, CancellationToken, Task> handler)
        where TEvent : IEvent
    {
        var envelope = new EventEnvelope<TEvent>(Guid.NewGuid(), TEvent.EventType, DateTimeOffset.UnixEpoch, version, fact);
        Events.Add(db => handler(envelope, db, CancellationToken.None));
    }
}
