using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Aspire.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace EnergyAspire.Hosting;

/// <summary>Temporary folders of an application.</summary>
public static class TemporaryFolderExtensions
{
    /// <summary>Creates a folder that is deleted when the application ends, or by a later start if the application was killed.</summary>
    public static string CreateTemporaryFolder(this IDistributedApplicationBuilder builder) =>
        Directory.CreateDirectory(LocalFolders.AddTemporary(builder)).FullName;
}

/// <summary>Data folders of local servers.</summary>
internal static class LocalFolders
{
    private const string TemporaryRoot = "/var/tmp";
    private const string TemporaryPrefix = "energyaspire-run-";
    private const string SystemRoot = "/var/lib/energyaspire";

    private static readonly Lazy<string> Temporary = new(CreateTemporary);

    /// <summary>
    /// The folder of a server: below <c>.data/</c> of the repository, or a temporary one that is deleted when the application ends. It is below
    /// <c>/var/lib</c> when the server's user can't access the repository, which happens only when the application runs as root.
    /// </summary>
    public static string For(IDistributedApplicationBuilder builder, string server, string? user = null)
    {
        if (!builder.KeepsData)
            return Path.Combine(AddTemporary(builder), server);

        var repository = Path.GetFullPath("..", builder.AppHostDirectory);
        return user is null || !LocalPrograms.IsRoot || IsOpenToAll(repository)
            ? Path.Combine(repository, ".data", server)
            : Path.Combine(SystemRoot, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(repository)))[..12], server);
    }

    /// <summary>Names a temporary folder, which doesn't exist yet.</summary>
    public static string AddTemporary(IDistributedApplicationBuilder builder)
    {
        var folder = Path.Combine(Temporary.Value, RandomNumberGenerator.GetHexString(8, lowercase: true));
        builder.Services.AddSingleton<IHostedService>(_ => new TemporaryFolder(folder));
        return folder;
    }

    private static string CreateTemporary()
    {
        // Deletes folders of processes that were killed.
        foreach (var folder in Directory.EnumerateDirectories(TemporaryRoot, $"{TemporaryPrefix}*"))
        {
            var number = Path.GetFileName(folder)[TemporaryPrefix.Length..].Split('-')[0];
            if (int.TryParse(number, CultureInfo.InvariantCulture, out var process) && !Exists(process))
                Delete(folder);
        }

        // Everybody may write to the root. Nobody can create a folder in advance whose name can't be guessed.
        var own = Path.Combine(TemporaryRoot, $"{TemporaryPrefix}{Environment.ProcessId}-{RandomNumberGenerator.GetHexString(16, lowercase: true)}");
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
            // The folder belongs to another user, or a stopping server still writes to it. A later start deletes it.
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

    /// <summary>Deletes a folder together with the application. At the end of the process that could take too long.</summary>
    private sealed class TemporaryFolder(string folder) : IHostedService, IDisposable
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public void Dispose() => Delete(folder);
    }
}
