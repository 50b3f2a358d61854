namespace EnergyAspire.AppHost;

/// <summary>Who services are when they call one another.</summary>
internal static class ServiceAccounts
{
    /// <summary>Gives a service a client id and a secret, and Identity the same secret to know it by; made up once, as the servers' passwords are.</summary>
    /// <returns>The secret.</returns>
    public static IResourceBuilder<ParameterResource> AddServiceAccount(this IResourceBuilder<ProjectResource> service, IResourceBuilder<ProjectResource> identity)
    {
        var name = service.Resource.Name;
        var secret = service.ApplicationBuilder.AddParameter(
            $"{name}-client-secret", new GenerateParameterDefault { MinLength = 32, Special = false }, secret: true, persist: true);

        service.WithEnvironment("ServiceAccount__ClientId", name).WithEnvironment("ServiceAccount__ClientSecret", secret);
        identity.WithEnvironment($"Identity__ServiceSecrets__{name}", secret);

        return secret;
    }
}
