namespace EnergyAspire.ServiceDefaults.Names;

/// <summary>A name as it is kept, or what is wrong with it.</summary>
/// <param name="Value">The name in the form that is stored and shown; as it was sent where there is an error.</param>
/// <param name="Error">What is wrong, as a sentence for the person who typed it; null when nothing is.</param>
public readonly record struct CheckedName(string Value, string? Error);
