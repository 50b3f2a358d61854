using System.Globalization;
using System.Text;

namespace EnergyAspire.Api.Names;

/// <summary>
/// Rules of display names: first and last names, names of devices. Modelled on the Nickname profile of PRECIS (RFC 8266): any script, one line,
/// spaces trimmed and single, nothing invisible; stored in normalization form C. Display names needn't be unique.
/// </summary>
public static class DisplayNames
{
    /// <summary>Validates a name and converts it to its stored form.</summary>
    /// <param name="sent">Name as it was sent.</param>
    /// <param name="what">Subject of the error messages, such as <c>The first name</c>.</param>
    /// <param name="longest">Most characters.</param>
    /// <param name="mayBeEmpty">Whether an empty name is allowed. A name of invisible characters never is.</param>
    public static CheckedName Read(string sent, string what, int longest, bool mayBeEmpty = false)
    {
        if (!TextRules.TryNormalize(sent, out var normalized))
            return new CheckedName(sent, $"{what} holds characters that are no text.");

        var name = WithSingleSpaces(normalized);
        var error =
            name.Length == 0 && mayBeEmpty ? null
            : name.Length > longest ? $"{what} has at most {longest} characters."
            : !name.EnumerateRunes().Any(TextRules.IsVisible) ? $"{what} needs a character that can be seen."
            : !IsShowable(name) ? $"{what} holds a character that can't be seen, such as a control character or one that changes the writing direction."
            : TextRules.HasTooManyMarks(name) ? $"{what} has too many marks on one letter."
            : null;

        return new CheckedName(error is null ? name : sent, error);
    }

    /// <summary>Replaces every kind of space by U+0020, trims spaces and collapses repeated ones.</summary>
    private static string WithSingleSpaces(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) != UnicodeCategory.SpaceSeparator)
                result.Append(rune.ToString());
            else if (result.Length > 0 && result[^1] != ' ')
                result.Append(' ');
        }

        return result.ToString().TrimEnd(' ');
    }

    private static bool IsShowable(string name)
    {
        Rune? before = null;
        foreach (var rune in name.EnumerateRunes())
        {
            var isFine = TextRules.IsVisible(rune) || rune.Value == ' '
                // These are allowed only after a character that they can modify.
                || (before is { } last && last.Value != ' ' && !TextRules.IsIgnorable(rune)
                    && (TextRules.IsMark(rune) || TextRules.IsJoiner(rune) || TextRules.IsVariationSelector(rune))
                    && !TextRules.IsJoiner(last));
            if (!isFine)
                return false;

            before = rune;
        }

        return before is not { } end || !TextRules.IsJoiner(end);
    }
}
