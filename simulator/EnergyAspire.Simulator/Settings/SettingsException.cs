namespace EnergyAspire.Simulator.Settings;

/// <summary>The simulator can't run with what it was told; the message says which setting is wrong.</summary>
public sealed class SettingsException(string message, Exception? cause = null) : Exception(message, cause);
