using System.Text;
using EnergyAspire.Identity.Sagas;

namespace EnergyAspire.Identity.Accounts;

/// <summary>What a username may be.</summary>
internal static class Usernames
{
    /// <summary>Most characters of a username that is chosen anew.</summary>
    public const int Longest = 150;

    /// <summary>Another account has it.</summary>
    public static readonly SagaRefusal Taken = new(
        StatusCodes.Status409Conflict, "This username is taken.",
        new Dictionary<string, string[]>(StringComparer.Ordinal) { ["username"] = ["This username is taken."] });

    /// <summary>The form that usernames are compared in: any case and any way of writing an accent are the same. As ASP.NET Core Identity does it.</summary>
    public static string Normalize(string username) => username.Normalize().ToUpperInvariant();

    /// <summary>Says what is wrong with a username; null when nothing is.</summary>
    public static string? Check(string username) =>
        username.Length is 0 or > Longest ? $"A username has 1 to {Longest} characters."
        : !IsWellFormed(username) || !username.EnumerateRunes().All(IsAllowed) ? "A username consists of letters, digits and the characters . _ - + @"
        : null;

    private static bool IsAllowed(Rune rune) => Rune.IsLetterOrDigit(rune) || rune.Value is '.' or '_' or '-' or '+' or '@' || Rune.GetUnicodeCategory(rune) is
        System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.SpacingCombiningMark;

    private static bool IsWellFormed(string username)
    {
        try
        {
            return username.IsNormalized() || username.Normalize().Length > 0;
        }
        catch (ArgumentException)
        {
            // Half of a surrogate pair is not a text.
            return false;
        }
    }
}
