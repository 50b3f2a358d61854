using System.Globalization;
using System.Text;

namespace EnergyAspire.Api.Names;

/// <summary>
/// Rules of e-mail addresses, including internationalized ones (RFC 6531). They are stored as written and compared by <see cref="Key"/>.
/// </summary>
public static class EmailAddresses
{
    /// <summary>Maximum length of an address in bytes, which follows from the limit of a path in RFC 5321.</summary>
    public const int Longest = 254;

    private const int LongestLocalPart = 64;
    private const string NoAddress = "This is no e-mail address such as ada@example.com.";
    private const string AtomCharacters = "!#$%&'*+-/=?^_`{|}~";

    private static readonly IdnMapping Domains = new() { UseStd3AsciiRules = true };

    /// <summary>Validates an address and converts it to its stored form.</summary>
    public static CheckedName Read(string sent)
    {
        if (!TextRules.TryNormalize(sent.Trim(), out var address) || address.LastIndexOf('@') is not (> 0 and var at))
            return new CheckedName(sent, NoAddress);

        var error =
            Encoding.UTF8.GetByteCount(address) > Longest ? $"An e-mail address has at most {Longest} characters."
            : Encoding.UTF8.GetByteCount(address.AsSpan(0, at)) > LongestLocalPart ? $"An e-mail address has at most {LongestLocalPart} characters before the @."
            : !address[..at].Split('.').All(IsAtom) || AsciiDomain(address[(at + 1)..]) is null ? NoAddress
            : null;

        return new CheckedName(error is null ? address : sent, error);
    }

    /// <summary>Returns the form for comparisons: lower case, normalization form C, the domain in its ASCII form (<c>xn--...</c>).</summary>
    public static string Key(string address)
    {
        if (!TextRules.TryNormalize(address, out var normalized))
            return address;

        var at = normalized.LastIndexOf('@');
        var domain = at < 0 ? null : AsciiDomain(normalized[(at + 1)..].TrimEnd('.'));

        return domain is null ? normalized.ToLowerInvariant() : $"{normalized[..at].ToLowerInvariant()}@{domain}";
    }

    private static bool IsAtom(string atom) => atom.Length > 0 && atom.EnumerateRunes().All(rune => rune.IsAscii
        ? Rune.IsLetterOrDigit(rune) || AtomCharacters.Contains((char)rune.Value)
        : !TextRules.IsIgnorable(rune) && (Rune.IsLetterOrDigit(rune) || TextRules.IsMark(rune)));

    /// <returns>Null when it is not a valid domain. A trailing dot is valid in DNS but not in e-mail addresses.</returns>
    private static string? AsciiDomain(string domain)
    {
        if (domain.Length == 0 || domain[^1] == '.')
            return null;

        try
        {
            return Domains.GetAscii(domain).ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
