using Microsoft.AspNetCore;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace EnergyAspire.Identity.Tokens;

/// <summary>Limits a handler to the JSON routes of the token endpoint.</summary>
internal sealed class RequireJsonRoute : IOpenIddictServerHandlerFilter<BaseContext>
{
    public ValueTask<bool> IsActiveAsync(BaseContext context) => ValueTask.FromResult(IsJson(context.Transaction));

    internal static bool IsJson(OpenIddictServerTransaction transaction) =>
        transaction.GetHttpRequest()?.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase) == true;
}
