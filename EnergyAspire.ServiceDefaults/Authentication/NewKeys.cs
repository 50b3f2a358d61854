using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.Tokens;

namespace EnergyAspire.ServiceDefaults.Authentication;

/// <summary>
/// Validates a token again when its signing key is unknown to this service. That happens after Identity has retired keys and signs with a new
/// key at once. The library fetches new keys in the background only, so without this class the first such tokens would be refused and people
/// signed out.
/// </summary>
/// <param name="check">Further checks of a validated token; they may fail it.</param>
internal sealed class NewKeys(Func<TokenValidatedContext, Task> check)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    private readonly Lock _lock = new();
    private Task _look = Task.CompletedTask;
    private DateTimeOffset _lookedAt;

    /// <summary>Waits for new keys and validates the token again. Does nothing when the validation failed for another reason.</summary>
    /// <param name="context">The failed authentication; it succeeds if the token is valid with the new keys.</param>
    public async Task TryAgainAsync(AuthenticationFailedContext context)
    {
        var options = context.Options;
        if (context.Exception is not SecurityTokenSignatureKeyNotFoundException || options.ConfigurationManager is not BaseConfigurationManager keys)
            return;

        await LookAsync(keys);
        var parameters = options.TokenValidationParameters.Clone();
        parameters.ConfigurationManager = keys;
        var token = context.Request.Headers.Authorization.ToString()["Bearer ".Length..].Trim();
        var result = await options.TokenHandlers.Single().ValidateTokenAsync(token, parameters);
        if (!result.IsValid)
            return;

        var validated = new TokenValidatedContext(context.HttpContext, context.Scheme, options)
        {
            Principal = new ClaimsPrincipal(result.ClaimsIdentity),
            SecurityToken = result.SecurityToken,
        };
        await check(validated);
        if (validated.Result is { Succeeded: false })
            return;

        context.Principal = validated.Principal;
        // Authenticated WebSocket connections are closed when the token expires.
        context.Properties.IssuedUtc = new DateTimeOffset(result.SecurityToken.ValidFrom);
        context.Properties.ExpiresUtc = new DateTimeOffset(result.SecurityToken.ValidTo);
        context.Success();
    }

    /// <summary>
    /// Waits until the library has fetched other keys. All requests share one wait, and a new one begins at most once per refresh interval. So
    /// tokens with forged key ids cause no more than one fetch per interval.
    /// </summary>
    private Task LookAsync(BaseConfigurationManager keys)
    {
        lock (_lock)
        {
            if (_look.IsCompleted && DateTimeOffset.UtcNow - _lookedAt >= keys.RefreshInterval)
            {
                _lookedAt = DateTimeOffset.UtcNow;
                _look = UntilOthersComeAsync(keys);
            }

            return _look;
        }
    }

    private static async Task UntilOthersComeAsync(BaseConfigurationManager keys)
    {
        try
        {
            var known = await keys.GetBaseConfigurationAsync(CancellationToken.None);
            for (var waited = TimeSpan.Zero; waited < Patience; waited += Step)
            {
                await Task.Delay(Step);
                // The library ignores a request within its refresh interval, and its last fetch may be older than the new key. So it is asked
                // until the interval is over.
                keys.RequestRefresh();
                if (await keys.GetBaseConfigurationAsync(CancellationToken.None) != known)
                    return;
            }
        }
        catch (InvalidOperationException)
        {
            // No keys have been fetched from Identity yet, so no token can be validated.
        }
    }
}
