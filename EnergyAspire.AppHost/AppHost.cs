using EnergyAspire.AppHost;
using EnergyAspire.ServiceDefaults;
using Microsoft.Extensions.Configuration;

var builder = DistributedApplication.CreateBuilder(args);

// Servers: own ones, or existing ones by ConnectionStrings:postgres and ConnectionStrings:messaging.
var postgres = builder.AddDatabaseServer(ResourceNames.Postgres, port: 5433);
var authDb = postgres.AddServiceDatabase(ResourceNames.AuthDatabase, "auth_db", role: "auth_service");
var userDb = postgres.AddServiceDatabase(ResourceNames.UserDatabase, "user_db", role: "user_service");
var deviceDb = postgres.AddServiceDatabase(ResourceNames.DeviceDatabase, "device_db", role: "device_service");
var monitoringDb = postgres.AddServiceDatabase(ResourceNames.MonitoringDatabase, "monitoring_db", role: "monitoring_service");

var messaging = builder.AddBroker(ResourceNames.Messaging, port: 5673, managementPort: 15673);

// Encrypts the token keys in auth_db; made up once, as the servers' passwords are.
var keyPassphrase = builder.AddParameter(
    "identity-key-passphrase", new GenerateParameterDefault { MinLength = 32, Special = false }, secret: true, persist: true);

var identity = builder.AddProject<Projects.EnergyAspire_Identity>(ResourceNames.Identity)
    .WithHttpEndpoint()
    .WithHttpHealthCheck("/health")
    .WithReference(authDb).WaitFor(authDb)
    .WithReference(messaging).WaitFor(messaging)
    .WithEnvironment("Identity__KeyPassphrase", keyPassphrase);

// The services fetch Identity's keys when the first token comes, so they need not wait for it.
var users = builder.AddProject<Projects.EnergyAspire_Users>(ResourceNames.Users)
    .WithHttpEndpoint()
    .WithHttpHealthCheck("/health")
    .WithReference(userDb).WaitFor(userDb)
    .WithReference(messaging).WaitFor(messaging)
    .WithReference(identity);

var devices = builder.AddProject<Projects.EnergyAspire_Devices>(ResourceNames.Devices)
    .WithHttpEndpoint()
    .WithHttpHealthCheck("/health")
    .WithReference(deviceDb).WaitFor(deviceDb)
    .WithReference(messaging).WaitFor(messaging)
    .WithReference(identity);

var monitoring = builder.AddProject<Projects.EnergyAspire_Monitoring>(ResourceNames.Monitoring)
    .WithHttpEndpoint()
    .WithHttpHealthCheck("/health")
    .WithReference(monitoringDb).WaitFor(monitoringDb)
    .WithReference(messaging).WaitFor(messaging)
    .WithReference(identity)
    .WithReference(devices);

// Identity runs sagas at Users and Devices; Devices and Monitoring rebuild their copies from the sources.
identity.WithReference(users).WithReference(devices).WithReference(identity);
identity.AddServiceAccount(identity);
devices.WithRebuildCommand("/api/devices/users/rebuild", identity, devices.AddServiceAccount(identity));
monitoring.WithRebuildCommand("/api/monitoring/replicas/rebuild", identity, monitoring.AddServiceAccount(identity));

var web = builder.AddViteApp(ResourceNames.Web, "../web");

var gateway = builder.AddProject<Projects.EnergyAspire_Gateway>(ResourceNames.Gateway)
    .WithHttpEndpoint(port: 8080)
    .WithExternalHttpEndpoints()
    .WithHttpHealthCheck("/health")
    .WithUrlForEndpoint("http", url => url.DisplayText = "Web app")
    .WithUrlForEndpoint("http", _ => new ResourceUrlAnnotation { Url = "/api/docs", DisplayText = "API documents" })
    .WithReference(identity).WaitFor(identity)
    .WithReference(users).WaitFor(users)
    .WithReference(devices).WaitFor(devices)
    .WithReference(monitoring).WaitFor(monitoring)
    .WithReference(web)
    .PublishWithContainerFiles(web, "wwwroot");

// Replicas of the gateway read the same session cookies, and a restart signs nobody out.
if (builder.KeepsData && builder.ExecutionContext.IsRunMode)
    gateway.WithEnvironment("Gateway__KeysFolder", Path.GetFullPath("../.data/gateway-keys", builder.AppHostDirectory));

// Admins find their way from the web app to the dashboard that runs beside it.
if (builder.ExecutionContext.IsRunMode && builder.Configuration["ASPNETCORE_URLS"] is { } dashboard)
    gateway.WithEnvironment("Gateway__Dashboard", dashboard.Split(';')[0]);

// People and tokens know Identity by the gateway's address.
var publicAddress = gateway.GetEndpoint("http");
foreach (var service in new[] { identity, users, devices, monitoring, gateway })
    service.WithEnvironment("Identity__Issuer", publicAddress);

if (builder.Configuration.GetValue("Simulator", defaultValue: true))
{
    builder.AddProject<Projects.EnergyAspire_Simulator>(ResourceNames.Simulator)
        .WithReference(messaging)
        .WaitFor(monitoring);
}

builder.Build().Run();
