using System.Diagnostics;
using Aspire.Hosting;

namespace EnergyAspire.Hosting;

/// <summary>Finds and runs programs of this machine.</summary>
internal static class LocalPrograms
{
    /// <summary>Whether this process runs as root; some servers refuse to do so.</summary>
    public static bool IsRoot { get; } = !OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess;

    /// <summary>The path of a program in one of the folders or on the PATH; null when it is in none of them.</summary>
    public static string? Find(string program, IEnumerable<string> folders) =>
        In(program, folders.Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')));

    /// <summary>The path of a program in one of the folders; null when it is in none of them.</summary>
    public static string? In(string program, params IEnumerable<string> folders) =>
        folders.Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    /// <summary>The command line that runs a program as a user, if this process runs as root.</summary>
    public static string[] As(string? user, string program, params string[] arguments) =>
        IsRoot && user is not null ? ["setpriv", $"--reuid={user}", $"--regid={user}", "--init-groups", program, .. arguments] : [program, .. arguments];

    /// <summary>Arguments by which <c>install</c> makes a user the owner of what it creates, if this process runs as root.</summary>
    public static string[] OwnedBy(string? user) => IsRoot && user is not null ? ["-o", user] : [];

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
}
