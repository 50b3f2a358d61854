using System.Net.Mail;
using EnergyAspire.ServiceDefaults.Authentication;

namespace EnergyAspire.Users.Profiles;

/// <summary>What changing a profile made of its fields, by their names on the wire; an empty text stands for none.</summary>
/// <param name="Before">Values of the changed fields before.</param>
/// <param name="After">Their values after.</param>
public sealed record ProfileEdit(Dictionary<string, string> Before, Dictionary<string, string> After)
{
    /// <summary>Whether nothing changed.</summary>
    public bool IsNothing => After.Count == 0;
}

/// <summary>The fields of a profile that can be changed: what they may hold, and how they are changed and restored.</summary>
public static class ProfileFields
{
    /// <summary>Most characters of a username; Identity's limit.</summary>
    public const int LongestUsername = 256;

    private const int LongestName = 150;
    private const int LongestEmail = 254;
    private const string PhoneCharacters = "0123456789 +-()/.";

    private static readonly Field[] All =
    [
        new("username", profile => profile.Username, (profile, value) => profile.Username = value!, UsernameError),
        new("role", profile => profile.Role, (profile, value) => profile.Role = value!, RoleError),
        new("fname", profile => profile.Fname, (profile, value) => profile.Fname = value, NameError),
        new("lname", profile => profile.Lname, (profile, value) => profile.Lname = value, NameError),
        new("email", profile => profile.Email, (profile, value) => profile.Email = value, EmailError),
        new("phone", profile => profile.Phone, (profile, value) => profile.Phone = value, PhoneError),
    ];

    /// <summary>Trims and checks what was sent; fields that are null are left out.</summary>
    /// <param name="sent">Values by field.</param>
    /// <param name="errors">What is wrong, by field; empty when all is right.</param>
    public static Dictionary<string, string> Read(IEnumerable<KeyValuePair<string, string?>> sent, out Dictionary<string, string[]> errors)
    {
        var values = sent.Where(field => field.Value is not null).ToDictionary(field => field.Key, field => field.Value!.Trim(), StringComparer.Ordinal);
        errors = All
            .Where(field => values.ContainsKey(field.Name))
            .Select(field => (field.Name, Error: field.Error(values[field.Name])))
            .Where(field => field.Error is not null)
            .ToDictionary(field => field.Name, field => new[] { field.Error! }, StringComparer.Ordinal);

        return values;
    }

    /// <summary>Changes the fields that have values.</summary>
    public static ProfileEdit Apply(this Profile profile, IReadOnlyDictionary<string, string> values)
    {
        var edit = new ProfileEdit(new(StringComparer.Ordinal), new(StringComparer.Ordinal));
        foreach (var field in All)
        {
            var before = field.Get(profile) ?? "";
            if (!values.TryGetValue(field.Name, out var after) || after == before)
                continue;

            edit.Before[field.Name] = before;
            edit.After[field.Name] = after;
            field.Set(profile, after.Length == 0 ? null : after);
        }

        return edit;
    }

    /// <summary>Takes an edit back, except in fields that somebody has changed since.</summary>
    public static ProfileEdit Revert(this Profile profile, ProfileEdit edit) => profile.Apply(All
        .Where(field => edit.After.TryGetValue(field.Name, out var after) && (field.Get(profile) ?? "") == after)
        .ToDictionary(field => field.Name, field => edit.Before[field.Name], StringComparer.Ordinal));

    /// <summary>All values of a profile, for its audit record.</summary>
    public static Dictionary<string, string> ValuesOf(Profile profile) => All
        .Where(field => field.Get(profile) is not null)
        .ToDictionary(field => field.Name, field => field.Get(profile)!, StringComparer.Ordinal);

    private static string? UsernameError(string value) =>
        value.Length is 0 or > LongestUsername || value.Any(char.IsControl)
            ? $"The username has 1 to {LongestUsername} characters, none of them a control character." : null;

    private static string? RoleError(string value) => value is Roles.Admin or Roles.Client ? null : "The role is admin or client.";

    private static string? NameError(string value) =>
        value.Length > LongestName ? $"A name has at most {LongestName} characters."
        : value.Any(char.IsControl) ? "A name has no control characters." : null;

    private static string? EmailError(string value) =>
        value.Length == 0 ? null
        : value.Length > LongestEmail ? $"An e-mail address has at most {LongestEmail} characters."
        : !value.Any(char.IsControl) && MailAddress.TryCreate(value, out var address) && address.Address == value ? null
        : "This is no e-mail address such as ada@example.com.";

    private static string? PhoneError(string value) =>
        value.Length == 0
        || (value.Length is >= 3 and <= 32 && value.All(PhoneCharacters.Contains) && value.Count(char.IsAsciiDigit) >= 3) ? null
        : "A phone number has 3 to 32 characters: digits, at least three of them, spaces and + - ( ) / .";

    private sealed record Field(string Name, Func<Profile, string?> Get, Action<Profile, string?> Set, Func<string, string?> Error);
}
