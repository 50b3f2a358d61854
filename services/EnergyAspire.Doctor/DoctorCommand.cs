using System.CommandLine;
using EnergyAspire.Doctor.Bundle;
using Microsoft.Extensions.Configuration;

namespace EnergyAspire.Doctor;

/// <summary>The command line of the doctor.</summary>
public static class DoctorCommand
{
    private const string StandardOutput = "-";

    private static readonly Option<bool> Json = new("--json") { Description = "Write the results as JSON." };
    private static readonly Option<string?> Bundle = new("--bundle")
    {
        Description = "Also write a support bundle without secrets and personal data to this new file, or to the standard output if it is -; the results "
            + "are then written to the standard error.",
    };

    /// <summary>Makes all checks and writes their results.</summary>
    /// <param name="args">Arguments.</param>
    /// <param name="settings">The settings of the services, by the same names.</param>
    /// <param name="output">Standard output by default.</param>
    /// <param name="error">Standard error by default.</param>
    /// <returns>Exit code: 0 if nothing failed.</returns>
    public static Task<int> InvokeAsync(string[] args, IConfiguration settings, TextWriter? output = null, TextWriter? error = null)
    {
        var command = new RootCommand(
            "Checks an installation of EnergyAspire and says what to do. It changes nothing. The exit code is 0 if nothing failed, else 1.")
        {
            Json, Bundle,
        };
        command.SetAction((result, cancel) => RunAsync(result, settings, cancel));

        return command.Parse(args).InvokeAsync(new InvocationConfiguration { Output = output ?? Console.Out, Error = error ?? Console.Error });
    }

    private static async Task<int> RunAsync(ParseResult result, IConfiguration settings, CancellationToken cancel)
    {
        var (output, error) = (result.InvocationConfiguration.Output, result.InvocationConfiguration.Error);
        var bundle = result.GetValue(Bundle);
        try
        {
            var installation = new Installation(settings);
            var report = await Examination.RunAsync(installation, cancel);
            var scrubber = new Scrubber(settings);
            var text = result.GetValue(Json) ? new DoctorJson(scrubber).Write(report) : scrubber.Scrub(ReportText.Write(report));
            await (bundle == StandardOutput ? error : output).WriteLineAsync(text);
            if (bundle is not null)
                await WriteBundleAsync(bundle, report, installation, cancel);

            return report.Result == CheckResult.Failed ? 1 : 0;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            await error.WriteLineAsync($"doctor: {new Scrubber(settings).Scrub(Examination.Reason(failure))}");
            return 1;
        }
    }

    private static async Task WriteBundleAsync(string file, DoctorReport report, Installation installation, CancellationToken cancel)
    {
        // A terminal or a pipe has no position, which the archive needs.
        using var archive = new MemoryStream();
        await SupportBundle.WriteAsync(archive, report, installation, cancel);
        archive.Position = 0;
        await using var target = file == StandardOutput ? Console.OpenStandardOutput() : new FileStream(file, NewFile());
        await archive.CopyToAsync(target, cancel);
    }

    private static FileStreamOptions NewFile()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

        return options;
    }
}
