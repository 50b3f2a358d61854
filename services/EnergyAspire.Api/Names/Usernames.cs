using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace EnergyAspire.Api.Names;

/// <summary>
/// Rules of sign-in names. Modelled on the UsernameCaseMapped profile of PRECIS (RFC 8265) and on the profile "highly restrictive" of UTS 39, so that
/// no two usernames look alike: letters of one script in everyday use, digits and <c>. _ - + @</c>, with a letter or digit at both ends, in
/// normalization form C. The rules apply to new and changed names; older names stay valid.
/// </summary>
public static class Usernames
{
    /// <summary>Most characters of a new username.</summary>
    public const int Longest = 150;

    private const int Latin = 0;
    private const int EastAsian = 1;
    private const int NoScript = -1;
    private const int UnknownScript = -2;

    /// <summary>Letters of other scripts that look like Latin letters.</summary>
    private const string LookLikeLatin =
        "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0455\u0456\u0458\u04bb\u0501\u051b\u051d\u0475\u04cf"
        + "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0405\u0406\u0408\u04c0\u050c\u051a\u051c\u0474"
        + "\u03b1\u03b3\u03b9\u03ba\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7\u03f2\u03f3"
        + "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03f9\u037f";

    // Recommended scripts (UAX 31, table 5), by their blocks. Chinese, Japanese and Korean names mix several of them, and Latin letters too.
    private static readonly UnicodeRange[][] Scripts =
    [
        [UnicodeRanges.BasicLatin, UnicodeRanges.Latin1Supplement, UnicodeRanges.LatinExtendedA, UnicodeRanges.LatinExtendedB, UnicodeRanges.LatinExtendedAdditional],
        [
            UnicodeRanges.CjkUnifiedIdeographs, UnicodeRanges.CjkUnifiedIdeographsExtensionA, UnicodeRanges.CjkSymbolsandPunctuation, UnicodeRanges.Hiragana,
            UnicodeRanges.Katakana, UnicodeRanges.Bopomofo, UnicodeRanges.HangulSyllables,
        ],
        [UnicodeRanges.GreekandCoptic, UnicodeRanges.GreekExtended],
        [UnicodeRanges.Cyrillic, UnicodeRanges.CyrillicSupplement],
        [UnicodeRanges.Armenian],
        [UnicodeRanges.Hebrew],
        [UnicodeRanges.Arabic, UnicodeRanges.ArabicSupplement],
        [UnicodeRanges.Thaana],
        [UnicodeRanges.Devanagari],
        [UnicodeRanges.Bengali],
        [UnicodeRanges.Gurmukhi],
        [UnicodeRanges.Gujarati],
        [UnicodeRanges.Oriya],
        [UnicodeRanges.Tamil],
        [UnicodeRanges.Telugu],
        [UnicodeRanges.Kannada],
        [UnicodeRanges.Malayalam],
        [UnicodeRanges.Sinhala],
        [UnicodeRanges.Thai],
        [UnicodeRanges.Lao],
        [UnicodeRanges.Tibetan],
        [UnicodeRanges.Myanmar],
        [UnicodeRanges.Georgian],
        [UnicodeRanges.Ethiopic],
        [UnicodeRanges.Khmer],
    ];

    /// <summary>Validates a new username and converts it to its stored form. Its case is kept.</summary>
    public static CheckedName Read(string sent)
    {
        var error =
            !TextRules.TryNormalize(sent, out var name) || name.Length is 0 or > Longest ? $"A username has 1 to {Longest} characters."
            : !IsWellFormed(name) ? "A username consists of letters, digits and the characters . _ - + @, with a letter or digit at both ends."
            : !HasOneScript(name, out var script) ? "All letters of a username belong to one script, such as Latin, Greek or Cyrillic."
            : script != Latin && script != EastAsian && Letters(name).All(letter => LookLikeLatin.Contains((char)letter.Value))
                ? "All letters of this username look like Latin ones. Please choose another."
            : null;

        return new CheckedName(error is null ? name : sent, error);
    }

    /// <summary>Returns the form for comparisons: upper case and normalization form C, as in ASP.NET Core Identity.</summary>
    public static string Key(string username) => TextRules.TryNormalize(username, out var normalized) ? normalized.ToUpperInvariant() : username;

    private static bool IsWellFormed(string name)
    {
        var runes = name.EnumerateRunes().ToArray();

        return Rune.IsLetterOrDigit(runes[0])
            && (Rune.IsLetterOrDigit(runes[^1]) || TextRules.IsMark(runes[^1]))
            && !TextRules.HasTooManyMarks(name)
            // Rejects compatibility characters, such as full-width and mathematical letters, which look like other characters.
            && name.IsNormalized(NormalizationForm.FormKC)
            && Array.TrueForAll(runes, IsAllowed);
    }

    private static bool IsAllowed(Rune rune) => rune.Value is '.' or '_' or '-' or '+' or '@'
        || (!TextRules.IsIgnorable(rune) && Rune.GetUnicodeCategory(rune) is
            UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.OtherLetter or UnicodeCategory.ModifierLetter
            or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark);

    private static bool HasOneScript(string name, out int script)
    {
        var scripts = name.EnumerateRunes().Select(ScriptOf).Where(number => number != NoScript).Distinct().ToList();
        if (scripts.Contains(EastAsian))
            scripts.Remove(Latin);
        script = scripts.Count == 0 ? Latin : scripts[0];

        return scripts.Count <= 1 && script != UnknownScript;
    }

    private static int ScriptOf(Rune rune)
    {
        // ASCII digits and punctuation and the common combining marks are allowed in every script.
        if ((rune.IsAscii && !Rune.IsLetter(rune)) || Contains(UnicodeRanges.CombiningDiacriticalMarks, rune))
            return NoScript;
        if (rune.Value is >= 0x20000 and <= 0x3FFFF)
            return EastAsian;

        var script = Array.FindIndex(Scripts, blocks => Array.Exists(blocks, block => Contains(block, rune)));
        // Latin letters without case, such as click letters, look like punctuation.
        var isLetterlike = script == Latin && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter);

        return script < 0 || isLetterlike ? UnknownScript : script;
    }

    private static IEnumerable<Rune> Letters(string name) => name.EnumerateRunes().Where(Rune.IsLetter);

    private static bool Contains(UnicodeRange range, Rune rune) =>
        rune.Value >= range.FirstCodePoint && rune.Value < range.FirstCodePoint + range.Length;
}
