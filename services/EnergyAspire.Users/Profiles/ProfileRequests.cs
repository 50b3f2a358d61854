using EnergyAspire.Contracts;

namespace EnergyAspire.Users.Profiles;

/// <summary>Changes of a profile. An absent field keeps its value; an empty text clears it.</summary>
/// <param name="Fname">First name, at most 150 characters.</param>
/// <param name="Lname">Last name, at most 150 characters.</param>
/// <param name="Email">E-mail address, at most 254 bytes in UTF-8; unique, ignoring case.</param>
/// <param name="Phone">Phone number, 3 to 32 characters: digits, spaces and <c>+ - ( ) / .</c></param>
public sealed record ProfileChange(string? Fname, string? Lname, string? Email, string? Phone);

/// <summary>Reads the fields of a request into a dictionary, by their JSON names; an absent field is null.</summary>
internal static class SentFields
{
    /// <summary>Fields of a change by a person or an admin.</summary>
    public static Dictionary<string, string?> Sent(this ProfileChange change) => Sent(change.Fname, change.Lname, change.Email, change.Phone);

    /// <summary>Fields of a change by a saga.</summary>
    public static Dictionary<string, string?> Sent(this AccountChange change) =>
        new(Sent(change.Fname, change.Lname, change.Email, change.Phone), StringComparer.Ordinal)
        {
            ["username"] = change.Username,
            ["role"] = change.Role,
        };

    /// <summary>Fields of a new account. Username and role are required, so absent ones are validated as empty.</summary>
    public static Dictionary<string, string?> Sent(this NewProfile profile) =>
        new AccountChange(profile.Username ?? "", profile.Role ?? "", profile.Fname, profile.Lname, profile.Email, profile.Phone).Sent();

    private static Dictionary<string, string?> Sent(string? fname, string? lname, string? email, string? phone) =>
        new(StringComparer.Ordinal) { ["fname"] = fname, ["lname"] = lname, ["email"] = email, ["phone"] = phone };
}
