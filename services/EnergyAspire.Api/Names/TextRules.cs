using System.Globalization;
using System.Text;

namespace EnergyAspire.Api.Names;

/// <summary>Unicode rules that all names share.</summary>
internal static class TextRules
{
    // Most combining marks on one letter; no modern language needs more (UTS 39, section 5.4).
    private const int MostMarksInARow = 4;

    // The property Default_Ignorable_Code_Point of Unicode 16, without variation selectors and joiners.
    private static readonly (int First, int Last)[] Ignorable =
    [
        (0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x200B, 0x200B),
        (0x200E, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8),
        (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
    ];

    static TextRules()
    {
        // Without ICU, Normalize does nothing without an error, and equal names would compare as different.
        if ("e\u0301".Normalize().Length != 1)
            throw new InvalidOperationException("This process runs with invariant globalization, so it can't normalise names. Set InvariantGlobalization to false in its project.");
    }

    /// <summary>Converts a text to Unicode normalization form C; false when it holds a lone surrogate.</summary>
    public static bool TryNormalize(string text, out string normalized)
    {
        var isWellFormed = !HasLoneSurrogate(text);
        normalized = isWellFormed ? text.Normalize() : text;

        return isWellFormed;
    }

    /// <summary>Whether a character is invisible and is not a joiner or variation selector, which emoji and some scripts need.</summary>
    public static bool IsIgnorable(Rune rune) => Array.Exists(Ignorable, range => rune.Value >= range.First && rune.Value <= range.Last);

    /// <summary>Whether a character joins or separates its neighbours, as in Persian, Hindi and emoji.</summary>
    public static bool IsJoiner(Rune rune) => rune.Value is 0x200C or 0x200D;

    /// <summary>Whether a character selects a variant of the preceding character.</summary>
    public static bool IsVariationSelector(Rune rune) => rune.Value is >= 0xFE00 and <= 0xFE0F;

    /// <summary>Whether a character is a visible letter, digit, punctuation mark or symbol.</summary>
    public static bool IsVisible(Rune rune) => rune.Value != 0x2800 && !IsIgnorable(rune) && Rune.GetUnicodeCategory(rune) is
        not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
            or UnicodeCategory.OtherNotAssigned or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
            or UnicodeCategory.EnclosingMark);

    /// <summary>Whether a character is a combining mark.</summary>
    public static bool IsMark(Rune rune) => Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;

    /// <summary>Whether one letter has so many combining marks that they overlap other lines.</summary>
    public static bool HasTooManyMarks(string text)
    {
        var marks = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            marks = IsMark(rune) ? marks + 1 : 0;
            if (marks > MostMarksInARow)
                return true;
        }

        return false;
    }

    private static bool HasLoneSurrogate(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                i++;
            else if (char.IsSurrogate(text[i]))
                return true;
        }

        return false;
    }
}
