namespace EnergyAspire.Api.Names;

/// <summary>Result of validating a name: its stored form, or an error.</summary>
/// <param name="Value">The name in its stored form; with an error, as it was sent.</param>
/// <param name="Error">Error message for the user; null when the name is valid.</param>
public readonly record struct CheckedName(string Value, string? Error);
