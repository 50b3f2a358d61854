using EnergyAspire.Identity.Data;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;
using OpenIddict.EntityFrameworkCore.Models;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace EnergyAspire.Identity.Tokens;

/// <summary>The client applications that may request tokens.</summary>
internal static class Applications
{
    /// <summary>The system's own web app and API clients; public, so it has no secret.</summary>
    public const string Web = "energy-web";

    /// <summary>The page with the API documentation; its Authorize button signs in.</summary>
    public const string Docs = "energy-docs";

    /// <summary>Grant type of a registration; only <c>/api/auth/register</c> uses it.</summary>
    public const string RegistrationGrant = "urn:energyaspire:registration";

    /// <summary>Scopes that a service may ask for: Identity runs sagas, the others only rebuild their replicas.</summary>
    private static readonly Dictionary<string, string[]> ServiceScopes = new(StringComparer.Ordinal)
    {
        [ResourceNames.Identity] = [TokenConventions.SagaScope, TokenConventions.ReplicaScope],
        [ResourceNames.Devices] = [TokenConventions.ReplicaScope],
        [ResourceNames.Monitoring] = [TokenConventions.ReplicaScope],
    };

    /// <summary>Whether a client id is one of the system's own.</summary>
    public static bool IsReserved(string clientId) => clientId is Web or Docs || ServiceScopes.ContainsKey(clientId);

    /// <summary>Stores the applications of this list and of the settings in the database; removes all others, with their tokens.</summary>
    public static async Task StoreAsync(
        IOpenIddictApplicationManager applications, AuthDbContext db, IdentitySettings settings, CancellationToken cancel)
    {
        var wanted = All(settings).ToList();
        var ids = wanted.Select(application => application.ClientId).ToList();
        await db.Set<OpenIddictEntityFrameworkCoreToken<Guid>>().Where(token => !ids.Contains(token.Application!.ClientId)).ExecuteDeleteAsync(cancel);
        await db.Set<OpenIddictEntityFrameworkCoreAuthorization<Guid>>()
            .Where(authorization => !ids.Contains(authorization.Application!.ClientId)).ExecuteDeleteAsync(cancel);
        await db.Set<OpenIddictEntityFrameworkCoreApplication<Guid>>().Where(application => !ids.Contains(application.ClientId)).ExecuteDeleteAsync(cancel);

        foreach (var application in wanted)
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
            .Concat(settings.Clients.Select(client => CodeClient(
                client.Key, client.Value.DisplayName ?? client.Key, client.Value.RedirectUris, client.Value.PostLogoutRedirectUris)))
            .Append(CodeClient(Docs, "the API documents", [new Uri(settings.Issuer!, "/api/docs"), new Uri(settings.Issuer!, "/api/docs/")], []))
            .Prepend(WebApp());

    private static OpenIddictApplicationDescriptor CodeClient(
        string id, string name, IEnumerable<Uri> redirectUris, IEnumerable<Uri> postLogoutRedirectUris)
    {
        var client = new OpenIddictApplicationDescriptor
        {
            ClientId = id,
            ClientType = ClientTypes.Public,
            ConsentType = ConsentTypes.Implicit,
            DisplayName = name,
            Permissions =
            {
                Permissions.Endpoints.Authorization, Permissions.Endpoints.Token, Permissions.Endpoints.EndSession, Permissions.Endpoints.Revocation,
                Permissions.GrantTypes.AuthorizationCode, Permissions.GrantTypes.RefreshToken, Permissions.ResponseTypes.Code,
                Permissions.Scopes.Profile,
            },
            Requirements = { Requirements.Features.ProofKeyForCodeExchange },
        };
        client.RedirectUris.UnionWith(redirectUris);
        client.PostLogoutRedirectUris.UnionWith(postLogoutRedirectUris);

        return client;
    }

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
