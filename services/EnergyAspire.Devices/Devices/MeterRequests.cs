using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using EnergyAspire.Contracts;
using EnergyAspire.Devices.Data;

namespace EnergyAspire.Devices.Devices;

/// <summary>A meter in a <see cref="MetersChange"/>. Unknown fields are rejected.</summary>
/// <param name="MeterId">Id with which the meter reports.</param>
/// <param name="From">
/// When it begins to measure for the device, not in the future. The first meter has no beginning. Without a time, the last one begins now, or keeps its
/// beginning if it is the current meter already.
/// </param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record MeterChange([property: Required] Guid? MeterId = null, DateTimeOffset? From = null);

/// <summary>Request that sets which meters measure for a device and since when. Unknown fields are rejected.</summary>
/// <param name="Meters">
/// All meters, oldest first; each measures until the next one begins. Without any, the only meter has the device's id.
/// </param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record MetersChange([property: Required, MaxLength(MetersChange.MostMeters)] IReadOnlyList<MeterChange>? Meters = null)
{
    internal const int MostMeters = 100;

    /// <summary>Reads the meters in the form that is stored, or the error.</summary>
    internal bool TryRead(Device device, DateTimeOffset now, out IReadOnlyList<DeviceMeter> meters, [NotNullWhen(false)] out string? error)
    {
        meters = [];
        if (Meters is not { Count: <= MostMeters })
            error = $"The meters are a list of at most {MostMeters}.";
        else if (Meters.Any(meter => meter?.MeterId is null || meter.MeterId == Guid.Empty))
            error = "Each meter has a meter_id, which must not consist of zeros only.";
        else if (Meters is [{ From: not null }, ..])
            error = "The first meter has no beginning, so its from is null.";
        else if (Meters.Skip(1).SkipLast(1).Any(meter => meter.From is null))
            error = "Only the first and the last meter may be without a from.";
        else
            error = Fault(device, now, meters = [.. Meters.Select((meter, index) => new DeviceMeter(meter.MeterId!.Value, index == 0 ? null : meter.From?.ToStored() ?? Beginning(meter)))]);

        if (meters is [{ MeterId: var only }] && only == device.Id)
            meters = [];
        return error is null;

        DateTimeOffset Beginning(MeterChange last) => device.Meters is [.., { From: { } from } current] && current.MeterId == last.MeterId ? from : now;
    }

    private static string? Fault(Device device, DateTimeOffset now, IReadOnlyList<DeviceMeter> meters)
    {
        // The clock of the replica that set a beginning may have been ahead.
        if (meters.Except(device.Meters).Select(meter => ValidTimes.Fault(meter.From, now)).FirstOrDefault(fault => fault is not null) is { } wrong)
            return wrong;
        if (meters.Zip(meters.Skip(1)).Any(pair => pair.Second.From <= pair.First.From))
            return "The meters are sorted, and each begins after the one before.";
        if (meters.Zip(meters.Skip(1)).Any(pair => pair.Second.MeterId == pair.First.MeterId))
            return "A meter is listed twice in succession.";

        return null;
    }
}
