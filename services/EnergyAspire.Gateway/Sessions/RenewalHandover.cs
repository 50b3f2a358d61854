using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;

namespace EnergyAspire.Gateway.Sessions;

/// <summary>
/// Lets replicas that share the keys folder also share renewed sessions: one file a renewal, encrypted with those keys, locked by
/// the replica that renews and read by the others. Without a keys folder each process renews for itself, so there must be one only.
/// </summary>
public sealed class RenewalHandover(IOptions<GatewayOptions> options, IDataProtectionProvider protection)
{
    private static readonly TimeSpan LockRetry = TimeSpan.FromMilliseconds(20);

    private readonly string? _folder = options.Value.KeysFolder is { Length: > 0 } keys ? Path.Combine(keys, "renewals") : null;
    private readonly IDataProtector _protector = protection.CreateProtector("EnergyAspire.Gateway.Renewal");

    /// <summary>Renews a session unless a replica has done so already.</summary>
    /// <param name="key">Names the renewal; safe as a file name.</param>
    /// <param name="renew">Renews it; null when Identity refuses.</param>
    public async Task<Session?> OnceAsync(string key, Func<Task<Session?>> renew)
    {
        if (_folder is null)
            return await renew();

        Directory.CreateDirectory(_folder);
        Forget();
        await using var file = await LockAsync(Path.Combine(_folder, key));
        if (file.Length > 0)
            return Read(file);

        var session = await renew();
        if (session is not null)
        {
            file.Write(_protector.Protect(JsonSerializer.SerializeToUtf8Bytes(session)));
            file.Flush(flushToDisk: true);
        }

        return session;
    }

    private static async Task<FileStream> LockAsync(string path)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path))
            {
                // Another replica is renewing; that takes as long as one call of Identity.
                await Task.Delay(LockRetry);
            }
        }
    }

    private Session? Read(FileStream file)
    {
        var content = new byte[file.Length];
        file.ReadExactly(content);
        try
        {
            return JsonSerializer.Deserialize<Session>(_protector.Unprotect(content));
        }
        catch (Exception damaged) when (damaged is CryptographicException or JsonException)
        {
            return null;
        }
    }

    private void Forget()
    {
        // Files have the times of the file system.
        var past = TimeProvider.System.GetUtcNow() - SessionRenewal.Memory;
        foreach (var file in new DirectoryInfo(_folder!).EnumerateFiles().Where(file => file.LastWriteTimeUtc < past.UtcDateTime))
            file.Delete();
    }
}
