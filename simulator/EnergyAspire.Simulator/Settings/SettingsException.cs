namespace EnergyAspire.Simulator.Settings;

/// <summary>A setting is invalid, so the simulator can't run. The message names the setting.</summary>
public sealed class SettingsException(string message, Exception? cause = null) : Exception(message, cause);
