using System.Text;
using Microsoft.AspNetCore.Identity;

namespace EnergyAspire.Identity.Accounts;

/// <summary>
/// Refuses easily guessed passwords (NIST SP 800-63B, section 3.1.1.2): common words with digits or punctuation added, sequences, repetitions,
/// only digits, and the names of the account and of the product. Outside Development only.
/// </summary>
public sealed class GuessablePasswords : IPasswordValidator<Account>
{
    private const int FewestDifferent = 4;
    private const int ShortestDigits = 12;
    private const int ShortestRun = 3;
    private const int ShortestRest = 5;

    private static readonly string[] ProductNames = ["energyaspire", "energy", "aspire"];
    private static readonly HashSet<string> Words = new(ReadWords(), StringComparer.Ordinal);

    private static readonly string[] Rows =
    [
        "abcdefghijklmnopqrstuvwxyz", "012345678901234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm",
        "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0", "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "qazwsxedcrfvtgbyhnujm", "!@#$%^&*()",
    ];

    private static readonly string[] RowsBothWays = [.. Rows, .. Rows.Select(row => new string([.. row.Reverse()]))];

    /// <inheritdoc />
    public Task<IdentityResult> ValidateAsync(UserManager<Account> manager, Account user, string? password) => Task.FromResult(
        IsGuessable(password ?? "", user.UserName ?? "")
            ? IdentityResult.Failed(new IdentityError
            {
                Code = nameof(GuessablePasswords),
                Description = "This password is one of the first that others would try. Please choose another, such as a few words that don't belong together.",
            })
            : IdentityResult.Success);

    /// <summary>Whether a password is easily guessed by somebody who knows the username.</summary>
    public static bool IsGuessable(string password, string username)
    {
        var plain = password.Normalize(NormalizationForm.FormKC).ToLowerInvariant();

        return plain.Distinct().Count() < FewestDifferent
            || (plain.Length < ShortestDigits && plain.All(char.IsDigit))
            || IsCommon(plain)
            || IsCommon(Unit(plain))
            || HasLittleBeside(plain, [username.ToLowerInvariant(), .. ProductNames]);
    }

    private static bool IsCommon(string text) => IsRuns(text) || IsWord(text) || IsWord(Letters(text));

    /// <summary>A common word, with or without digits and punctuation around it.</summary>
    private static bool IsWord(string text) => Words.Contains(text) || Words.Contains(Core(text));

    private static string Core(string text) => text.Trim([.. text.Where(character => !char.IsLetter(character))]);

    /// <summary>Replaces digits and signs by the letters that they stand for.</summary>
    private static string Letters(string text) => Core(string.Concat(Core(text).Select(character => character switch
    {
        '0' => 'o',
        '1' or '!' => 'i',
        '3' => 'e',
        '4' or '@' => 'a',
        '5' or '$' => 's',
        '7' => 't',
        _ => character,
    })));

    /// <summary>The unit that a text consists of repetitions of; the text itself when it isn't repetitive.</summary>
    private static string Unit(string text)
    {
        for (var length = 1; length <= text.Length / 2; length++)
        {
            if (Enumerable.Range(length, text.Length - length).All(at => text[at] == text[at - length]))
                return length < ShortestRest ? "password" : text[..length];
        }

        return text;
    }

    /// <summary>Whether a text consists of one or two sequences from the alphabet, the digits or a keyboard row.</summary>
    private static bool IsRuns(string text)
    {
        var runs = 0;
        for (var at = 0; at < text.Length; runs++)
        {
            var longest = RowsBothWays.Max(row => RunAt(text, at, row));
            if (longest < ShortestRun)
                return false;
            at += longest;
        }

        return runs is 1 or 2;
    }

    private static int RunAt(string text, int at, string row)
    {
        var start = row.IndexOf(text[at], StringComparison.Ordinal);
        var length = 0;
        while (start >= 0 && at + length < text.Length && start + length < row.Length && text[at + length] == row[start + length])
            length++;

        return length;
    }

    /// <summary>Whether a password contains a name, and besides it only a few characters or a guessable rest.</summary>
    private static bool HasLittleBeside(string text, string[] names) => names.Where(name => name.Length >= ShortestRun).Any(name =>
        text.Contains(name, StringComparison.Ordinal)
        && text.Replace(name, "", StringComparison.Ordinal) is var rest
        && (rest.Length < ShortestRest || rest.All(char.IsDigit) || IsCommon(rest)));

    private static IEnumerable<string> ReadWords()
    {
        using var reader = new StreamReader(typeof(GuessablePasswords).Assembly.GetManifestResourceStream("common-passwords.txt")!);
        while (reader.ReadLine() is { } word)
            yield return word;
    }
}
