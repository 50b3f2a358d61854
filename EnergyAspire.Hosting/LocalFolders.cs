using System.Security.Cryptography;
using System.Text;
using Aspire.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace EnergyAspire.Hosting;

/// <summary>Folders of local programs.</summary>
public static class LocalFolders
{
    private const string TemporaryRoot = "/var/tmp";
    private const string TemporaryPrefix = "energyaspire-run-";
    private const string SystemRoot = "/var/lib/energyaspire";

    /// <summary>Creates a folder that is deleted when the application ends, or by a later start if the application was killed.</summary>
    public static string CreateTemporaryFolder(this IDistributedApplicationBuilder builder)
    {
        // Deletes folders of processes that were killed.
        foreach (var abandoned in Directory.EnumerateDirectories(TemporaryRoot, $"{TemporaryPrefix}*"))
        {
            if (!Directory.Exists($"/proc/{Path.GetFileName(abandoned)[TemporaryPrefix.Length..].Split('-')[0]}"))
                Delete(abandoned);
        }

        // Everybody may write to the root. Nobody can create a folder in advance whose name can't be guessed.
        var folder = Path.Combine(TemporaryRoot, $"{TemporaryPrefix}{Environment.ProcessId}-{RandomNumberGenerator.GetHexString(16, lowercase: true)}");
        builder.Services.AddSingleton<IHostedService>(_ => new TemporaryFolder(folder));
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Delete(folder);
        return Directory.CreateDirectory(folder).FullName;
    }

    /// <summary>
    /// The folder of a server: below <c>.data/</c> of the repository, or a temporary one. It is below <c>/var/lib</c> when the server has a user of
    /// its own who can't access the repository.
    /// </summary>
    internal static string For(IDistributedApplicationBuilder builder, string server, string? user)
    {
        if (!builder.KeepsData)
            return Path.Combine(builder.CreateTemporaryFolder(), server);

        var repository = Path.GetFullPath("..", builder.AppHostDirectory);
        return user is null || IsOpenToAll(repository)
            ? Path.Combine(repository, ".data", server)
            : Path.Combine(SystemRoot, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(repository)))[..12], server);
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

    /// <summary>Deletes a folder together with the application. At the end of the process that could take too long.</summary>
    private sealed class TemporaryFolder(string folder) : IHostedService, IDisposable
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public void Dispose() => Delete(folder);
    }
}
