using System.Globalization;

namespace EnergyAspire.Simulator.Settings;

/// <summary>Notes at the start about settings with possibly unexpected effects.</summary>
public static class StartNotes
{
    /// <summary>Lists the notes, each a sentence or two.</summary>
    public static IEnumerable<string> Of(SimulatorSettings settings, ConfigFile file, Overrides overrides)
    {
        if (file.BaseLoadPer is null && settings.Interval != settings.BaseLoadTime)
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"base_load_kwh is the energy of ten minutes, so a reading of {settings.Interval.TotalSeconds} s reports {settings.Interval / settings.BaseLoadTime:0.####} of it. "
                + $"To report all of it in each reading, as the earlier simulator did, put \"base_load_per\": \"interval\" into the configuration file; "
                + $"\"ten_minutes\" keeps it as it is without this note.");
        }

        if (settings is { Duration: { } duration, TimeAcceleration: { } acceleration })
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"The duration of {duration.TotalSeconds} s counts on the simulated clock, of which {acceleration} minutes pass in a real second until it has caught up with the present.");
        }

        if (overrides.Registered?.FirstOrDefault(device => device.IntervalSeconds != settings.Interval.TotalSeconds) is { } other)
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"Device {other.DeviceId} is registered with an interval of {other.IntervalSeconds} s, but reports each {settings.Interval.TotalSeconds} s: "
                + $"its coverage, its power and the energy at the ends of its hours will be wrong until reporting_interval_seconds of the device is {settings.Interval.TotalSeconds}.");
        }
    }
}
