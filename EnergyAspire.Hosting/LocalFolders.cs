using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Aspire.Hosting;

namespace EnergyAspire.Hosting;

/// <summary>Where local servers keep their data.</summary>
internal static class LocalFolders
{
    private const string Root = "/var/tmp";
    private const string TemporaryPrefix = "energyaspire-run-";

    private static readonly Lazy<string> Temporary = new(CreateTemporary);

    /// <summary>
    /// The folder of a server: below <c>.data/</c> of the repository, or a temporary one that is deleted when this process ends.
    /// It is in <c>/var/tmp</c> when the server's user can't enter the repository.
    /// </summary>
    public static string For(IDistributedApplicationBuilder builder, string server, string? user = null)
    {
        if (!builder.KeepsData)
            return Path.Combine(Temporary.Value, RandomNumberGenerator.GetHexString(8, lowercase: true), server);

        var repository = Path.GetFullPath("..", builder.AppHostDirectory);
        return user is null || !LocalPrograms.IsRoot || IsOpenToAll(repository)
            ? Path.Combine(repository, ".data", server)
            : Path.Combine(Root, $"energyaspire-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(repository)))[..12]}", server);
    }

    private static string CreateTemporary()
    {
        // Folders of processes that were killed before they could delete them.
        foreach (var folder in Directory.EnumerateDirectories(Root, $"{TemporaryPrefix}*"))
        {
            if (int.TryParse(Path.GetFileName(folder)[TemporaryPrefix.Length..], CultureInfo.InvariantCulture, out var process) && !Exists(process))
                Delete(folder);
        }

        var own = Path.Combine(Root, $"{TemporaryPrefix}{Environment.ProcessId}");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Delete(own);
        return own;
    }

    private static void Delete(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // Another user's, or a server that is still ending writes into it; a later start deletes it.
        }
    }

    private static bool Exists(int process)
    {
        try
        {
            using var found = Process.GetProcessById(process);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

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
