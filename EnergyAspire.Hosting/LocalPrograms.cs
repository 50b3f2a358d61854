using System.Diagnostics;
using System.Globalization;
using Aspire.Hosting;

namespace EnergyAspire.Hosting;

/// <summary>Programs and processes of this machine.</summary>
internal static class LocalPrograms
{
    /// <summary>The command line that runs a program as a user; as this process's user when it is null.</summary>
    public static string[] As(string? user, string program, params string[] arguments) =>
        user is null ? [program, .. arguments] : ["setpriv", $"--reuid={user}", $"--regid={user}", "--init-groups", program, .. arguments];

    /// <summary>Runs a program to its end and returns its output.</summary>
    /// <exception cref="DistributedApplicationException">It failed; the message contains its output.</exception>
    public static async Task<string> RunAsync(IReadOnlyList<string> command, CancellationToken cancel, string? input = null)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command.Skip(1))
        {
            UseShellExecute = false,
            WorkingDirectory = "/",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync(cancel);
        var errors = process.StandardError.ReadToEndAsync(cancel);
        try
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), cancel);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended before it had read its input; its exit code and output tell why.
        }

        try
        {
            await process.WaitForExitAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        if (process.ExitCode != 0)
            throw new DistributedApplicationException($"`{string.Join(' ', command)}` failed: {(await errors).Trim()} {(await output).Trim()}");

        return await output;
    }

    /// <summary>The first process whose folder below <c>/proc</c> fulfils a condition; null when there is none.</summary>
    public static int? FindProcess(Func<string, bool> condition)
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            try
            {
                if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var process) && condition(folder))
                    return process;
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                // The process has ended, or it is another user's.
            }
        }

        return null;
    }
}
