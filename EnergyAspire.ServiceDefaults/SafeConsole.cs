using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace EnergyAspire.ServiceDefaults;

/// <summary>
/// Writes log entries to the console and prevents log injection: control characters are escaped, and only the first line of an entry isn't
/// indented, so no value in it can look like another entry.
/// </summary>
internal sealed class SafeConsole() : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "safe";

    private const string Indentation = "      ";

    /// <summary>Registers this formatter as the console's default.</summary>
    public static void AddTo(ILoggingBuilder logging)
    {
        logging.AddConsoleFormatter<SafeConsole, ConsoleFormatterOptions>();
        logging.Services.PostConfigure<ConsoleLoggerOptions>(console => console.FormatterName ??= FormatterName);
    }

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var level = logEntry.LogLevel switch
        {
            LogLevel.Trace => "trce",
            LogLevel.Debug => "dbug",
            LogLevel.Information => "info",
            LogLevel.Warning => "warn",
            LogLevel.Error => "fail",
            _ => "crit",
        };
        textWriter.Write(string.Create(CultureInfo.InvariantCulture, $"{level}: {logEntry.Category}[{logEntry.EventId.Id}]\n"));
        textWriter.Write($"{Indentation}{Escape(logEntry.Formatter(logEntry.State, logEntry.Exception))}\n");
        foreach (var line in logEntry.Exception?.ToString().Split('\n') ?? [])
            textWriter.Write($"{Indentation}{Escape(line.TrimEnd('\r'))}\n");
    }

    /// <summary>Escapes control characters, line separators and characters that change the text direction, as in a C# string.</summary>
    internal static string Escape(string text)
    {
        if (!text.Any(IsUnsafe))
            return text;

        var result = new StringBuilder();
        foreach (var character in text)
        {
            if (!IsUnsafe(character))
                result.Append(character);
            else if (character is '\n' or '\r')
                result.Append(character == '\n' ? "\\n" : "\\r");
            else
                result.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:X4}");
        }

        return result.ToString();
    }

    private static bool IsUnsafe(char character) => character != '\t'
        && (char.IsControl(character) || character is '\u2028' or '\u2029' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069'));
}
