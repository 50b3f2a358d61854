using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace EnergyAspire.ServiceDefaults.Authentication;

/// <summary>
/// Accepts tokens that are signed with a key of this very minute, as Identity signs them when it has retired keys that may have leaked.
/// The library looks for unknown keys in the background, so that the first such token would be refused and its person signed out again.
/// </summary>
internal static class NewKeys
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    /// <summary>Looks at a token again when its key has come; does nothing when the token failed for another reason.</summary>
    /// <param name="context">The failure; a success when the token is good after all.</param>
    /// <param name="validated">What else has to be right with a token.</param>
    public static async Task TryAgainAsync(AuthenticationFailedContext context, Func<TokenValidatedContext, Task> validated)
    {
        var options = context.Options;
        if (context.Exception is not SecurityTokenSignatureKeyNotFoundException || options.ConfigurationManager is not BaseConfigurationManager keys)
            return;

        var token = context.Request.Headers.Authorization.ToString()["Bearer ".Length..].Trim();
        if (!await ComesAsync(new JsonWebToken(token).Kid, keys, context.HttpContext.RequestAborted))
            return;

        var parameters = options.TokenValidationParameters.Clone();
        parameters.ConfigurationManager = keys;
        var result = await options.TokenHandlers.Single().ValidateTokenAsync(token, parameters);
        if (!result.IsValid)
            return;

        var success = new TokenValidatedContext(context.HttpContext, context.Scheme, options)
        {
            Principal = new ClaimsPrincipal(result.ClaimsIdentity),
            SecurityToken = result.SecurityToken,
        };
        await validated(success);
        // Refused for what else is wrong with it.
        if (success.Result is { Succeeded: false })
            return;

        context.Principal = success.Principal;
        context.Success();
    }

    private static async Task<bool> ComesAsync(string kid, BaseConfigurationManager keys, CancellationToken cancel)
    {
        for (var waited = TimeSpan.Zero; waited < Patience; waited += Step)
        {
            if ((await keys.GetBaseConfigurationAsync(cancel)).SigningKeys.Any(key => key.KeyId == kid))
                return true;

            await Task.Delay(Step, cancel);
        }

        return false;
    }
}
