using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Server;

namespace EnergyAspire.Identity.Tokens;

/// <summary>The valid token keys. The first of each list is the one in use.</summary>
/// <param name="Signing">The first signs tokens, all verify them and are published.</param>
/// <param name="Encryption">The first encrypts what only Identity reads, all decrypt it.</param>
public sealed record TokenKeys(IReadOnlyList<RsaSecurityKey> Signing, IReadOnlyList<RsaSecurityKey> Encryption);

/// <summary>
/// The token keys in this process. They are loaded from the database, which may become available after the process has started and may get new
/// keys. So OpenIddict's options are rebuilt whenever the keys change.
/// </summary>
public sealed class KeyRing
    : IConfigureOptions<OpenIddictServerOptions>, IPostConfigureOptions<OpenIddictServerOptions>, IOptionsChangeTokenSource<OpenIddictServerOptions>, IHealthCheck, IDisposable
{
    private volatile TokenKeys? _keys;
    private CancellationTokenSource _change = new();

    /// <summary>Keys in use; null until they are loaded.</summary>
    public TokenKeys? Keys => _keys;

    /// <inheritdoc />
    public string Name => Options.DefaultName;

    /// <summary>Whether the ring holds exactly these keys in this order.</summary>
    public bool Has(IReadOnlyList<StoredKey> signing, IReadOnlyList<StoredKey> encryption) => _keys is { } keys
        && signing.Concat(encryption).Select(key => key.Id.ToString("N")).SequenceEqual(
            keys.Signing.Concat(keys.Encryption).Select(key => key.KeyId), StringComparer.Ordinal);

    /// <summary>Uses these keys from now on.</summary>
    public void Replace(TokenKeys keys)
    {
        _keys = keys;
        using var changed = Interlocked.Exchange(ref _change, new CancellationTokenSource());
        changed.Cancel();
    }

    /// <inheritdoc />
    public void Configure(OpenIddictServerOptions options)
    {
        if (_keys is not { } keys)
            return;

        // RS256 because every OpenID Connect client must understand it.
        options.SigningCredentials.AddRange(keys.Signing.Select(key => new SigningCredentials(key, SecurityAlgorithms.RsaSha256)));
        options.EncryptionCredentials.AddRange(keys.Encryption.Select(key =>
            new EncryptingCredentials(key, SecurityAlgorithms.RsaOAEP, SecurityAlgorithms.Aes256CbcHmacSha512)));
    }

    /// <summary>
    /// Restores the order of the ring. OpenIddict signs with the first of its credentials, but its own post-configuration sorts them and gives
    /// plain keys like these no defined order.
    /// </summary>
    public void PostConfigure(string? name, OpenIddictServerOptions options)
    {
        if (_keys is not { } keys)
            return;

        var order = keys.Signing.Concat(keys.Encryption).Select((key, index) => (key.KeyId, index))
            .ToDictionary(key => key.KeyId, key => key.index, StringComparer.Ordinal);
        options.SigningCredentials.Sort((left, right) => order[left.Key.KeyId].CompareTo(order[right.Key.KeyId]));
        options.EncryptionCredentials.Sort((left, right) => order[left.Key.KeyId].CompareTo(order[right.Key.KeyId]));
    }

    /// <inheritdoc />
    public IChangeToken GetChangeToken() => new CancellationChangeToken(Volatile.Read(ref _change).Token);

    /// <inheritdoc />
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_keys is null
            ? HealthCheckResult.Unhealthy("The signing keys are not loaded from the database yet.")
            : HealthCheckResult.Healthy());

    /// <inheritdoc />
    public void Dispose() => _change.Dispose();
}
