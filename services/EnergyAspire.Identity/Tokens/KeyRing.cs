using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Server;

namespace EnergyAspire.Identity.Tokens;

/// <summary>Keys in use, the newest of each kind first.</summary>
/// <param name="Signing">Sign tokens.</param>
/// <param name="Encryption">Encrypt what only Identity reads.</param>
public sealed record TokenKeys(IReadOnlyList<RsaSecurityKey> Signing, IReadOnlyList<RsaSecurityKey> Encryption);

/// <summary>
/// Keys of this process. They are in the database, which may come up later than the process and may get new ones, so OpenIddict's
/// options are made again whenever the keys change.
/// </summary>
public sealed class KeyRing : IConfigureOptions<OpenIddictServerOptions>, IOptionsChangeTokenSource<OpenIddictServerOptions>, IHealthCheck, IDisposable
{
    private volatile TokenKeys? _keys;
    private CancellationTokenSource _change = new();

    /// <summary>Keys in use; null until they are loaded.</summary>
    public TokenKeys? Keys => _keys;

    /// <inheritdoc />
    public string Name => Options.DefaultName;

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
