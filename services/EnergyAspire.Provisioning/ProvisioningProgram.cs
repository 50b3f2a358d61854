using EnergyAspire.ServiceDefaults;

namespace EnergyAspire.Provisioning;

/// <summary>
/// Creates the services' databases and roles, then stays and reports itself healthy. Container platforms would start a process that ends again and
/// again.
/// </summary>
/// <remarks>A named class, because projects that refer to this one have a <c>Program</c> of their own.</remarks>
internal static class ProvisioningProgram
{
    private static void Main(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);

        builder.AddServiceDefaults();
        builder.Services.AddOptions<ProvisioningOptions>().BindConfiguration(ProvisioningOptions.Section)
            .ValidateDataAnnotations()
            .Validate(
                options => options.HasValidDatabases,
                "Provisioning:Databases must have names and roles of lower-case letters, digits and _, and passwords of at least 16 characters.")
            .Validate<IConfiguration>(
                (_, settings) => settings.GetConnectionString(ResourceNames.Postgres) is { Length: > 0 },
                $"ConnectionStrings:{ResourceNames.Postgres} is missing. It names an account that may create roles and databases.")
            .ValidateOnStart();
        builder.Services.AddSingleton<DatabaseProvisioning>();
        builder.Services.AddHostedService(services => services.GetRequiredService<DatabaseProvisioning>());
        builder.Services.AddHealthChecks().AddCheck<DatabaseProvisioning>("databases");

        var app = builder.Build();

        app.MapDefaultEndpoints();

        app.Run();
    }
}
