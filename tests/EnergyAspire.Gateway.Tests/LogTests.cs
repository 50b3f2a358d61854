using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace EnergyAspire.Gateway.Tests;

public sealed class LogTests
{
    [Fact]
    public async Task A_value_can_not_look_like_an_entry_of_its_own()
    {
        using var host = new EnergyAspire.Testing.ServiceHost<Program>(new Dictionary<string, string?> { ["AllowedHosts"] = "*" });
        var name = host.Services.GetRequiredService<IOptions<ConsoleLoggerOptions>>().Value.FormatterName;
        var formatter = host.Services.GetServices<ConsoleFormatter>().Single(formatter => formatter.Name == name);
        await using var written = new StringWriter();

        formatter.Write(
            new LogEntry<string>(
                LogLevel.Warning, "Category", 7, "eve\r\ninfo: Identity[1]\n      admin signed in\u001b[2J\u2028x", new InvalidOperationException("a\ninfo: forged"),
                (state, _) => $"Sign-in as {state} failed"),
            null, written);

        Assert.Equal(
            """
            warn: Category[7]
                  Sign-in as eve\r\ninfo: Identity[1]\n      admin signed in\u001B[2J\u2028x failed
                  System.InvalidOperationException: a
                  info: forged

            """.ReplaceLineEndings("\n"),
            written.ToString());
    }
}
