using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Folders and helper programs of the servers that run from the machine's own programs.</summary>
internal static class ServerFolder
{
    private static readonly bool IsRoot = Environment.UserName == "root";

    /// <summary>
    /// The folder for a server's data: below the checkout when it shall last, else a temporary one.
    /// Servers that refuse to run as root run as <paramref name="user"/>, who may be kept out of the checkout; then the data lie in /var/tmp.
    /// </summary>
    public static async Task<string> CreateAsync(ServerStart start, IResource resource, bool lasting, string? user, CancellationToken cancel)
    {
        if (!IsRoot)
            user = null;
        var folder = Path.Combine(start.Repository, ".data", resource.Name);
        if (!lasting)
        {
            folder = Path.Combine("/var/tmp", $"aspire-{resource.Name}-{RandomNumberGenerator.GetHexString(12, lowercase: true)}");
        }
        else if (user is not null && !IsOpenToAll(start.Repository))
        {
            var checkout = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(start.Repository)))[..12];
            folder = Path.Combine("/var/tmp", $"aspire-{checkout}", resource.Name);
            start.Logger.Info($"The user '{user}' can't enter {start.Repository}, so the data of '{resource.Name}' lie in {folder}.");
        }

        Directory.CreateDirectory(Path.GetDirectoryName(folder)!);
        await RunAsync(["install", "-d", "-m", "0700", .. user is null ? (string[])[] : ["-o", user], folder], cancel);
        return folder;
    }

    /// <summary>The command line that runs another one as this user if this process is root's.</summary>
    public static string[] As(string user, params string[] command) =>
        IsRoot ? ["setpriv", $"--reuid={user}", $"--regid={user}", "--init-groups", .. command] : command;

    public static Task GiveAsync(string user, string path, CancellationToken cancel) =>
        IsRoot ? RunAsync(["chown", user, path], cancel) : Task.CompletedTask;

    /// <summary>Runs a helper program to its end.</summary>
    /// <exception cref="DistributedApplicationException">It failed; the message holds its last words.</exception>
    public static async Task RunAsync(IReadOnlyList<string> command, CancellationToken cancel, string? input = null)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            UseShellExecute = false,
            WorkingDirectory = "/",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(cancel);
        var errors = process.StandardError.ReadToEndAsync(cancel);
        await process.StandardInput.WriteAsync(input.AsMemory(), cancel);
        process.StandardInput.Close();
        await process.WaitForExitAsync(cancel);
        if (process.ExitCode != 0)
            throw new DistributedApplicationException($"`{string.Join(' ', command)}` failed: {(await errors).Trim()} {(await output).Trim()}");
    }

    /// <summary>Where a program lies: in one of the folders, else on the PATH; null when nowhere.</summary>
    public static string? Find(string program, params IEnumerable<string> folders) =>
        folders.Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'))
            .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    private static bool IsOpenToAll(string folder)
    {
        for (var current = new DirectoryInfo(folder); current is not null; current = current.Parent)
        {
            if (!current.UnixFileMode.HasFlag(UnixFileMode.OtherExecute))
                return false;
        }

        return true;
    }
}
