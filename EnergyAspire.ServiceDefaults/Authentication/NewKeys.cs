using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.Tokens;

namespace EnergyAspire.ServiceDefaults.Authentication;

/// <summary>
/// Accepts tokens that are signed with a key that the service has not heard of, as Identity signs them when it has retired keys that may
/// have leaked. The library looks for unknown keys in the background, so that the first such token would be refused and its person
/// signed out again.
/// </summary>
/// <param name="check">What else has to be right with a token.</param>
internal sealed class NewKeys(Func<TokenValidatedContext, Task> check)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    private readonly Lock _lock = new();
    private Task _look = Task.CompletedTask;
    private DateTimeOffset _lookedAt;

    /// <summary>Looks at a token again when the keys have come; does nothing when the token failed for another reason.</summary>
    /// <param name="context">The failure; a success when the token is good after all.</param>
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
        // Sockets end with it.
        context.Properties.IssuedUtc = new DateTimeOffset(result.SecurityToken.ValidFrom);
        context.Properties.ExpiresUtc = new DateTimeOffset(result.SecurityToken.ValidTo);
        context.Success();
    }

    /// <summary>Waits for the library, which has been asked for other keys. One wait at a time, and no more often than it asks: whoever sends tokens of nobody's waits no longer than the others.</summary>
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
                // Somebody else may just have asked, before the keys were changed; then the library asks again a second later.
                keys.RequestRefresh();
                if (await keys.GetBaseConfigurationAsync(CancellationToken.None) != known)
                    return;
            }
        }
        catch (InvalidOperationException)
        {
            // Identity has never answered; nobody can be told from anybody.
        }
    }
}
