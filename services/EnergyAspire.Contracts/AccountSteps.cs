namespace EnergyAspire.Contracts;

/// <summary>Marks the request bodies of steps of account sagas.</summary>
public interface IAccountStep;

/// <summary>Changes of a profile by a saga. An absent field keeps its value, an empty text clears an optional one.</summary>
/// <param name="Username">Sign-in name.</param>
/// <param name="Role"><c>admin</c> or <c>client</c>.</param>
/// <param name="Fname">First name.</param>
/// <param name="Lname">Last name.</param>
/// <param name="Email">E-mail address.</param>
/// <param name="Phone">Phone number.</param>
public sealed record AccountChange(string? Username, string? Role, string? Fname, string? Lname, string? Email, string? Phone) : IAccountStep;

/// <summary>The profile of a new account.</summary>
/// <param name="Id">Account id.</param>
/// <param name="Username">Sign-in name, 1 to 150 characters.</param>
/// <param name="Role"><c>admin</c> or <c>client</c>.</param>
/// <param name="Fname">First name, at most 150 characters.</param>
/// <param name="Lname">Last name, at most 150 characters.</param>
/// <param name="Email">E-mail address, at most 254 bytes in UTF-8; unique, ignoring case.</param>
/// <param name="Phone">Phone number, 3 to 32 characters: digits, spaces and <c>+ - ( ) / .</c></param>
/// <param name="TokenGeneration">Access tokens of an earlier generation are invalid; 0 when absent.</param>
public sealed record NewProfile(
    Guid Id, string? Username, string? Role, string? Fname, string? Lname, string? Email, string? Phone, long? TokenGeneration)
    : IAccountStep;

/// <summary>The account for the replica in Devices; a step of the registration saga.</summary>
/// <param name="Username">Sign-in name.</param>
/// <param name="Role"><c>admin</c> or <c>client</c>.</param>
/// <param name="Version">Version of the account.</param>
/// <param name="TokenGeneration">Access tokens of an earlier generation are invalid.</param>
public sealed record ReplicatedUser(string? Username = null, string? Role = null, long? Version = null, long? TokenGeneration = null)
    : IAccountStep;
