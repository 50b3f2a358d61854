using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace EnergyAspire.Identity.Tokens;

/// <summary>Programs that may ask for tokens.</summary>
internal static class Applications
{
    /// <summary>The system's own web app and API clients; public, so it has no secret.</summary>
    public const string Web = "energy-web";

    /// <summary>Grant of the registration, which only <c>/api/auth/register</c> gives.</summary>
    public const string RegistrationGrant = "urn:energyaspire:registration";

    private static readonly OpenIddictApplicationDescriptor[] All =
    [
        new()
        {
            ClientId = Web,
            ClientType = ClientTypes.Public,
            ConsentType = ConsentTypes.Implicit,
            DisplayName = "EnergyAspire",
            Permissions =
            {
                Permissions.Endpoints.Token, Permissions.GrantTypes.Password, Permissions.GrantTypes.RefreshToken,
                Permissions.Prefixes.GrantType + RegistrationGrant,
            },
        },
    ];

    /// <summary>Makes the database say what this list says.</summary>
    public static async Task StoreAsync(IOpenIddictApplicationManager applications, CancellationToken cancel)
    {
        foreach (var application in All)
        {
            if (await applications.FindByClientIdAsync(application.ClientId!, cancel) is { } existing)
                await applications.UpdateAsync(existing, application, cancel);
            else
                await applications.CreateAsync(application, cancel);
        }
    }
}
