using System.Globalization;
using System.Text;

namespace EnergyAspire.ServiceDefaults.Names;

/// <summary>E-mail addresses, also those with letters beyond ASCII (RFC 6531). They are kept as people write them and compared by <see cref="Key"/>.</summary>
public static class EmailAddresses
{
    /// <summary>Most bytes of an address, so that it fits a path of RFC 5321.</summary>
    public const int Longest = 254;

    private const int LongestLocalPart = 64;
    private const string NoAddress = "This is no e-mail address such as ada@example.com.";
    private const string AtomCharacters = "!#$%&'*+-/=?^_`{|}~";

    private static readonly IdnMapping Domains = new() { UseStd3AsciiRules = true };

    /// <summary>Checks an address and brings it into the form that is stored.</summary>
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

    /// <summary>The form that addresses are compared in: lower case, normalization form C, the domain as DNS knows it (<c>xn--...</c>).</summary>
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

    /// <returns>Null when it is no domain; a dot at its end makes it one of DNS but not of e-mail.</returns>
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
