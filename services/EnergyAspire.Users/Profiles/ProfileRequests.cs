namespace EnergyAspire.Users.Profiles;

/// <summary>What to change in a profile. An absent field keeps its value, an empty text clears it.</summary>
/// <param name="Fname">First name, at most 150 characters.</param>
/// <param name="Lname">Last name, at most 150 characters.</param>
/// <param name="Email">E-mail address, at most 254 characters, unique however it is written.</param>
/// <param name="Phone">Phone number, 3 to 32 characters: digits, spaces and <c>+ - ( ) / .</c></param>
public sealed record ProfileChange(string? Fname, string? Lname, string? Email, string? Phone)
{
    internal Dictionary<string, string?> Sent() =>
        new(StringComparer.Ordinal) { ["fname"] = Fname, ["lname"] = Lname, ["email"] = Email, ["phone"] = Phone };
}

/// <summary>What a saga changes in a profile. An absent field keeps its value, an empty text clears an optional one.</summary>
/// <param name="Username">Sign-in name.</param>
/// <param name="Role"><c>admin</c> or <c>client</c>.</param>
/// <param name="Fname">First name.</param>
/// <param name="Lname">Last name.</param>
/// <param name="Email">E-mail address.</param>
/// <param name="Phone">Phone number.</param>
public sealed record AccountChange(string? Username, string? Role, string? Fname, string? Lname, string? Email, string? Phone)
{
    internal Dictionary<string, string?> Sent() => new(new ProfileChange(Fname, Lname, Email, Phone).Sent(), StringComparer.Ordinal)
    {
        ["username"] = Username,
        ["role"] = Role,
    };
}

/// <summary>The profile of a new account.</summary>
/// <param name="Id">Account id.</param>
/// <param name="Username">Sign-in name, 1 to 150 characters.</param>
/// <param name="Role"><c>admin</c> or <c>client</c>.</param>
/// <param name="Fname">First name, at most 150 characters.</param>
/// <param name="Lname">Last name, at most 150 characters.</param>
/// <param name="Email">E-mail address, at most 254 characters, unique however it is written.</param>
/// <param name="Phone">Phone number, 3 to 32 characters: digits, spaces and <c>+ - ( ) / .</c></param>
/// <param name="TokenGeneration">Access tokens of an earlier generation are worthless; 0 when absent.</param>
public sealed record NewProfile(
    Guid Id, string? Username, string? Role, string? Fname, string? Lname, string? Email, string? Phone, long? TokenGeneration)
{
    // Both must be there, so absent ones are checked like empty ones.
    internal Dictionary<string, string?> Sent() => new AccountChange(Username ?? "", Role ?? "", Fname, Lname, Email, Phone).Sent();
}
