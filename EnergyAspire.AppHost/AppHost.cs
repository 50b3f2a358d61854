using EnergyAspire.AppHost;
using EnergyAspire.Hosting;
using EnergyAspire.ServiceDefaults;
using Microsoft.Extensions.Configuration;

var builder = DistributedApplication.CreateBuilder(args);

// Servers: existing ones by ConnectionStrings:postgres and ConnectionStrings:messaging, else containers or this machine's programs.
var postgres = builder.AddDatabaseServer(ResourceNames.Postgres, port: 5433);
var authDb = postgres.AddServiceDatabase(ResourceNames.AuthDatabase, "auth_db", role: "auth_service");
var userDb = postgres.AddServiceDatabase(ResourceNames.UserDatabase, "user_db", role: "user_service");
var deviceDb = postgres.AddServiceDatabase(ResourceNames.DeviceDatabase, "device_db", role: "device_service");
var monitoringDb = postgres.AddServiceDatabase(ResourceNames.MonitoringDatabase, "monitoring_db", role: "monitoring_service");

var messaging = builder.AddBroker(ResourceNames.Messaging, port: 5673, managementPort: 15673);

// Encrypts the token keys in auth_db. It is generated once, as the servers' passwords are.
var keyPassphrase = builder.AddGeneratedSecret("identity-key-passphrase");

var identity = builder.AddProject<Projects.EnergyAspire_Identity>(ResourceNames.Identity)
    .WithHttpEndpoint()
    .WithHttpHealthCheck("/health")
    .WithIconName("PersonKey")
    .WithReference(authDb).WaitFor(authDb)
    .WithReference(messaging).WaitFor(messaging)
    .WithEnvironment("Identity__KeyPassphrase", keyPassphrase);

// The services fetch Identity's keys when the first token comes, so they need not wait for it.
var users = builder.AddProject<Projects.EnergyAspire_Users>(ResourceNames.Users)
    .WithHttpEndpoint()
    .WithHttpHealthCheck("/health")
    .WithIconName("People")
    .WithReference(userDb).WaitFor(userDb)
    .WithReference(messaging).WaitFor(messaging)
    .WithReference(identity);

var devices = builder.AddProject<Projects.EnergyAspire_Devices>(ResourceNames.Devices)
    .WithHttpEndpoint()
    .WithHttpHealthCheck("/health")
    .WithIconName("PlugConnected")
    .WithReference(deviceDb).WaitFor(deviceDb)
    .WithReference(messaging).WaitFor(messaging)
    .WithReference(identity);

var monitoring = builder.AddProject<Projects.EnergyAspire_Monitoring>(ResourceNames.Monitoring)
    .WithHttpEndpoint()
    .WithHttpHealthCheck("/health")
    .WithIconName("DataHistogram")
    .WithReference(monitoringDb).WaitFor(monitoringDb)
    .WithReference(messaging).WaitFor(messaging)
    .WithReference(identity)
    .WithReference(devices);

// Identity runs sagas at Users and Devices; Devices and Monitoring rebuild their copies from the sources.
identity.WithReference(users).WithReference(devices).WithReference(identity);
identity.AddServiceAccount(identity);
devices.WithRebuildCommand("/api/devices/users/rebuild", identity, devices.AddServiceAccount(identity));
monitoring.WithRebuildCommand("/api/monitoring/replicas/rebuild", identity, monitoring.AddServiceAccount(identity));

var gateway = builder.AddProject<Projects.EnergyAspire_Gateway>(ResourceNames.Gateway)
    .WithHttpEndpoint(port: builder.ExecutionContext.IsRunMode ? 8080 : null)
    .WithExternalHttpEndpoints()
    .WithHttpHealthCheck("/health")
    .WithIconName("Globe")
    .WithReference(identity).WaitFor(identity)
    .WithReference(users).WaitFor(users)
    .WithReference(devices).WaitFor(devices)
    .WithReference(monitoring).WaitFor(monitoring);

// What differs between a run on this machine and the published application.
EndpointReference publicAddress;
if (builder.ExecutionContext.IsRunMode)
{
    gateway.WithUrlForEndpoint("http", url => url.DisplayText = "Web app")
        .WithUrlForEndpoint("http", _ => new ResourceUrlAnnotation { Url = "/api/docs", DisplayText = "API documents" });
    gateway.WithWebApp(builder.AddWebApp(ResourceNames.Web, "../web"));
    publicAddress = gateway.GetEndpoint("http");

    // Replicas of the gateway read the same session cookies, and a restart signs nobody out.
    if (builder.KeepsData)
        gateway.WithEnvironment("Gateway__KeysFolder", Path.GetFullPath("../.data/gateway-keys", builder.AppHostDirectory));

    // Admins find their way from the web app to the dashboard that runs beside it.
    if (builder.Configuration["ASPNETCORE_URLS"] is { } dashboard)
        gateway.WithEnvironment("Gateway__Dashboard", dashboard.Split(';')[0]);

    if (builder.Configuration.GetValue("Simulator", defaultValue: true))
    {
        builder.AddProject<Projects.EnergyAspire_Simulator>(ResourceNames.Simulator)
            .WithIconName("TopSpeed")
            .WithReference(messaging)
            .WaitFor(monitoring);
    }

    builder.StartBuiltPrograms();
    builder.ReportEndedResources();
}
else
{
    // The web app's files are in the gateway's image. Whoever publishes names the first admin; there is no default password.
    gateway.WithHttpsEndpoint().WithExternalHttpEndpoints();
    publicAddress = gateway.GetEndpoint("https");
    identity.WithEnvironment("Identity__FirstAdmin__Username", builder.AddParameter("first-admin-username"))
        .WithEnvironment("Identity__FirstAdmin__Password", builder.AddParameter("first-admin-password", secret: true));
}

// People and tokens know Identity by the gateway's address.
foreach (var service in new[] { identity, users, devices, monitoring, gateway })
    service.WithEnvironment("Identity__Issuer", publicAddress);

builder.Build().Run();
