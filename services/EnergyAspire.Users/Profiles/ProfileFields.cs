using EnergyAspire.Api.Names;
using EnergyAspire.ServiceDefaults.Authentication;

namespace EnergyAspire.Users.Profiles;

/// <summary>The changed fields of a profile with their old and new values, by their JSON names. An empty text means no value.</summary>
/// <param name="Before">Old values of the changed fields.</param>
/// <param name="After">Their new values.</param>
public sealed record ProfileEdit(Dictionary<string, string> Before, Dictionary<string, string> After)
{
    /// <summary>Whether nothing changed.</summary>
    public bool IsNothing => After.Count == 0;
}

/// <summary>The fields of a profile that can be changed: how they are validated, changed and restored.</summary>
public static class ProfileFields
{
    /// <summary>Longest username in characters, as in Identity. It also fits names that are older than the rules for names.</summary>
    public const int LongestUsername = 256;

    private const int LongestName = 150;
    private const string PhoneCharacters = "0123456789 +-()/.";

    private static readonly Field[] All =
    [
        new("username", profile => profile.Username, (profile, value) => profile.Username = value!, Usernames.Read),
        new("role", profile => profile.Role, (profile, value) => profile.Role = value!, ReadRole),
        new("fname", profile => profile.Fname, (profile, value) => profile.Fname = value, sent => ReadName(sent, "The first name")),
        new("lname", profile => profile.Lname, (profile, value) => profile.Lname = value, sent => ReadName(sent, "The last name")),
        new("email", profile => profile.Email, (profile, value) => profile.Email = value, ReadEmail),
        new("phone", profile => profile.Phone, (profile, value) => profile.Phone = value, ReadPhone),
    ];

    /// <summary>Validates and normalizes values for storing; null fields are left out.</summary>
    /// <param name="sent">Values by field.</param>
    /// <param name="errors">What is wrong, by field; empty when all is right.</param>
    public static Dictionary<string, string> Read(IEnumerable<KeyValuePair<string, string?>> sent, out Dictionary<string, string[]> errors)
    {
        var read = sent
            .Where(field => field.Value is not null)
            .ToDictionary(field => field.Key, field => All.Single(known => known.Name == field.Key).Read(field.Value!), StringComparer.Ordinal);
        errors = read
            .Where(field => field.Value.Error is not null)
            .ToDictionary(field => field.Key, field => new[] { field.Value.Error! }, StringComparer.Ordinal);

        return read.ToDictionary(field => field.Key, field => field.Value.Value, StringComparer.Ordinal);
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

    /// <summary>Reverts an edit, except in fields that have been changed since.</summary>
    public static ProfileEdit Revert(this Profile profile, ProfileEdit edit) => profile.Apply(All
        .Where(field => edit.After.TryGetValue(field.Name, out var after) && (field.Get(profile) ?? "") == after)
        .ToDictionary(field => field.Name, field => edit.Before[field.Name], StringComparer.Ordinal));

    /// <summary>All values of a profile, for an audit record.</summary>
    public static Dictionary<string, string> ValuesOf(Profile profile) => All
        .Where(field => field.Get(profile) is not null)
        .ToDictionary(field => field.Name, field => field.Get(profile)!, StringComparer.Ordinal);

    private static CheckedName ReadRole(string sent) =>
        new(sent.Trim(), sent.Trim() is Roles.Admin or Roles.Client ? null : "The role is admin or client.");

    private static CheckedName ReadName(string sent, string what) => DisplayNames.Read(sent, what, LongestName, mayBeEmpty: true);

    private static CheckedName ReadEmail(string sent) => sent.Trim().Length == 0 ? new CheckedName("", null) : EmailAddresses.Read(sent);

    private static CheckedName ReadPhone(string sent)
    {
        var phone = sent.Trim();
        var isPhone = phone.Length == 0
            || (phone.Length is >= 3 and <= 32 && phone.All(PhoneCharacters.Contains) && phone.Count(char.IsAsciiDigit) >= 3);

        return new CheckedName(phone, isPhone ? null : "A phone number has 3 to 32 characters: digits, at least three of them, spaces and + - ( ) / .");
    }

    private sealed record Field(string Name, Func<Profile, string?> Get, Action<Profile, string?> Set, Func<string, CheckedName> Read);
}
