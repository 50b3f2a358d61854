using System.Linq.Expressions;
using EnergyAspire.Contracts;
using EnergyAspire.Devices.Data;
using EnergyAspire.Devices.Devices;

namespace EnergyAspire.Devices.Mappings;

/// <summary>A mapping as the API shows it.</summary>
/// <param name="Id">Id of the assignment.</param>
/// <param name="UserId">Account that may see the device.</param>
/// <param name="DeviceId">Device that it may see.</param>
/// <param name="UserUsername">Sign-in name of the account; null when this service has no replica of the account.</param>
/// <param name="DeviceName">Name of the device.</param>
/// <param name="AssignedAt">When it was last assigned.</param>
/// <param name="IsAssigned">Whether the device belongs to the account now.</param>
/// <param name="TimeZone">IANA zone of the device's site.</param>
/// <param name="Periods">When it belonged to the account, oldest first. The account sees what was measured in these periods.</param>
/// <example>{"id":"00000000-0000-7000-8000-0000000000e1","user_id":"00000000-0000-7000-8000-0000000000a1","device_id":"00000000-0000-7000-8000-0000000000d1","user_username":"alice","device_name":"Heat pump","assigned_at":"2026-01-01T00:00:00Z","is_assigned":true,"time_zone":"Europe/Berlin","periods":[{"from":"2026-01-01T00:00:00Z","until":null}]}</example>
public sealed record MappingResponse(
    Guid Id, Guid UserId, Guid DeviceId, string? UserUsername, string DeviceName, DateTimeOffset AssignedAt, bool IsAssigned, string TimeZone,
    IReadOnlyList<MappingPeriod> Periods)
{
    internal static Expression<Func<Mapping, MappingResponse>> FromMapping(DeviceDbContext db) => mapping => new MappingResponse(
        mapping.Id, mapping.UserId, mapping.DeviceId,
        db.Users.Where(user => user.Id == mapping.UserId && !user.IsDeleted).Select(user => user.Username).FirstOrDefault(),
        db.Devices.Where(device => device.Id == mapping.DeviceId).Select(device => device.Name).First(),
        mapping.AssignedAt, mapping.IsAssigned,
        db.Devices.Where(device => device.Id == mapping.DeviceId).Select(device => device.TimeZone).First(), mapping.ToldPeriods());

    internal static MappingResponse From(Mapping mapping, string username, Device device) =>
        new(mapping.Id, mapping.UserId, mapping.DeviceId, username, device.Name, mapping.AssignedAt, mapping.IsAssigned, device.TimeZone, mapping.ToldPeriods());
}
