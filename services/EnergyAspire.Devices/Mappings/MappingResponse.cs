using System.Linq.Expressions;
using EnergyAspire.Devices.Data;

namespace EnergyAspire.Devices.Mappings;

/// <summary>A mapping as the API shows it.</summary>
/// <param name="Id">Id of the assignment.</param>
/// <param name="UserId">Account that may see the device.</param>
/// <param name="DeviceId">Device to be seen.</param>
/// <param name="UserUsername">Sign-in name of the account; null until this service has heard of it.</param>
/// <param name="DeviceName">Name of the device.</param>
/// <param name="AssignedAt">When it was assigned.</param>
/// <example>{"id":"00000000-0000-7000-8000-0000000000e1","user_id":"00000000-0000-7000-8000-0000000000a1","device_id":"00000000-0000-7000-8000-0000000000d1","user_username":"alice","device_name":"Heat pump","assigned_at":"2026-01-01T00:00:00Z"}</example>
public sealed record MappingResponse(
    Guid Id, Guid UserId, Guid DeviceId, string? UserUsername, string DeviceName, DateTimeOffset AssignedAt)
{
    internal static Expression<Func<Mapping, MappingResponse>> FromMapping(DeviceDbContext db) => mapping => new MappingResponse(
        mapping.Id, mapping.UserId, mapping.DeviceId,
        db.Users.Where(user => user.Id == mapping.UserId && !user.IsDeleted).Select(user => user.Username).FirstOrDefault(),
        db.Devices.Where(device => device.Id == mapping.DeviceId).Select(device => device.Name).First(),
        mapping.AssignedAt);

    internal static MappingResponse From(Mapping mapping, string username, string deviceName) =>
        new(mapping.Id, mapping.UserId, mapping.DeviceId, username, deviceName, mapping.AssignedAt);
}
