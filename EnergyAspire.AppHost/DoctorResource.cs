using EnergyAspire.Hosting;
using EnergyAspire.ServiceDefaults;

namespace EnergyAspire.AppHost;

/// <summary>The resource that checks the installation.</summary>
internal static class DoctorResource
{
    /// <summary>
    /// Adds the doctor, which is started in the dashboard or by <c>aspire resource doctor start</c>, checks everything and ends. Its log contains
    /// the results. It has the settings of all services, and the accounts of the servers' administrators.
    /// </summary>
    public static void AddDoctor(
        this IDistributedApplicationBuilder builder, DatabaseServer postgres, IResourceBuilder<IResourceWithConnectionString>[] databases, Broker broker,
        IResourceBuilder<ProjectResource>[] services, EndpointReference issuer)
    {
        var doctor = builder.AddProject<Projects.EnergyAspire_Doctor>(ResourceNames.Doctor)
            .WithExplicitStart()
            .WithIconName("Stethoscope")
            .WithReference(postgres.Server, ResourceNames.Postgres)
            .WithReference(broker.Server, ResourceNames.Messaging)
            .WithEnvironment("Identity__Issuer", issuer);
        foreach (var database in databases)
            doctor.WithReference(database);
        foreach (var service in services)
            doctor.WithReference(service);
        if (builder.Resources.OfType<IResourceWithConnectionString>().SingleOrDefault(resource => resource.Name == ResourceNames.Cache) is { } cache)
            doctor.WithReference(builder.CreateResourceBuilder(cache));
        if (broker.Server.Resource is IResourceWithEndpoints server)
            doctor.WithEnvironment("Doctor__BrokerManagement", server.GetEndpoint("management"));
        if (builder.Configuration["BackupFolder"] is { } backups)
            doctor.WithEnvironment("Doctor__BackupFolder", Path.GetFullPath(backups, builder.AppHostDirectory));
    }
}
