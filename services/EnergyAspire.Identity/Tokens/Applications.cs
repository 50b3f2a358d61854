using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Authentication;
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

    /// <summary>Scopes that a service may ask for: Identity runs sagas, the others only rebuild their copies.</summary>
    private static readonly Dictionary<string, string[]> ServiceScopes = new(StringComparer.Ordinal)
    {
        [ResourceNames.Identity] = [TokenConventions.SagaScope, TokenConventions.ReplicaScope],
        [ResourceNames.Devices] = [TokenConventions.ReplicaScope],
        [ResourceNames.Monitoring] = [TokenConventions.ReplicaScope],
    };

    /// <summary>Makes the database say what this list and the settings say.</summary>
    public static async Task StoreAsync(IOpenIddictApplicationManager applications, IdentitySettings settings, CancellationToken cancel)
    {
        foreach (var application in All(settings))
        {
            if (await applications.FindByClientIdAsync(application.ClientId!, cancel) is { } existing)
                await applications.UpdateAsync(existing, application, cancel);
            else
                await applications.CreateAsync(application, cancel);
        }
    }

    private static IEnumerable<OpenIddictApplicationDescriptor> All(IdentitySettings settings) =>
        settings.ServiceSecrets
            .Where(service => ServiceScopes.ContainsKey(service.Key))
            .Select(service => Service(service.Key, service.Value, ServiceScopes[service.Key]))
            .Prepend(WebApp());

    private static OpenIddictApplicationDescriptor WebApp() => new()
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
    };

    private static OpenIddictApplicationDescriptor Service(string name, string secret, string[] scopes)
    {
        var service = new OpenIddictApplicationDescriptor
        {
            ClientId = name,
            ClientSecret = secret,
            ClientType = ClientTypes.Confidential,
            DisplayName = name,
            Permissions = { Permissions.Endpoints.Token, Permissions.GrantTypes.ClientCredentials },
        };
        service.Permissions.UnionWith(scopes.Select(scope => Permissions.Prefixes.Scope + scope));

        return service;
    }
}
