namespace EnergyAspire.AppHost;

/// <summary>Generated secrets, and the accounts by which services authenticate to each other.</summary>
internal static class ServiceAccounts
{
    /// <summary>Adds a secret that is generated at the first start and kept in the user secrets.</summary>
    public static IResourceBuilder<ParameterResource> AddGeneratedSecret(this IDistributedApplicationBuilder builder, string name) =>
        builder.AddParameter(name, new GenerateParameterDefault { MinLength = 32, Special = false }, secret: true, persist: true);

    /// <summary>Gives a service a client id and a secret, and configures the same secret in Identity.</summary>
    /// <returns>The secret.</returns>
    public static IResourceBuilder<ParameterResource> AddServiceAccount(this IResourceBuilder<ProjectResource> service, IResourceBuilder<ProjectResource> identity)
    {
        var name = service.Resource.Name;
        var secret = service.ApplicationBuilder.AddGeneratedSecret($"{name}-client-secret");

        service.WithEnvironment("ServiceAccount__ClientId", name).WithEnvironment("ServiceAccount__ClientSecret", secret);
        identity.WithEnvironment($"Identity__ServiceSecrets__{name}", secret);

        return secret;
    }
}
