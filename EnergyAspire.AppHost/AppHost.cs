using EnergyAspire.AppHost;
using EnergyAspire.Hosting;
using EnergyAspire.ServiceDefaults;
using Microsoft.Extensions.Configuration;

var builder = DistributedApplication.CreateBuilder(args);

// Servers: existing ones if ConnectionStrings:postgres and ConnectionStrings:messaging are set, else containers or programs of this machine.
// In Azure PostgreSQL is a managed server.
var postgres = builder.AddDatabaseServer(ResourceNames.Postgres, port: 5433, module: "../deploy/postgres.bicep");
postgres.ProvisionBy(builder.AddProject<Projects.EnergyAspire_Provisioning>(ResourceNames.Provisioning)
    .WithHttpEndpoint()
    .WithHttpHealthCheck("/health")
    .WithIconName("DatabasePlugConnected"));
var authDb = postgres.AddServiceDatabase(ResourceNames.AuthDatabase, "auth_db", role: "auth_service");
var userDb = postgres.AddServiceDatabase(ResourceNames.UserDatabase, "user_db", role: "user_service");
var deviceDb = postgres.AddServiceDatabase(ResourceNames.DeviceDatabase, "device_db", role: "device_service");
var monitoringDb = postgres.AddServiceDatabase(ResourceNames.MonitoringDatabase, "monitoring_db", role: "monitoring_service");

var messaging = builder.AddBroker(ResourceNames.Messaging, port: 5673, managementPort: 15673, mqttPort: 1884);

// Broker accounts for meters: one may only publish readings, one may also declare the queue, one publishes by MQTT.
messaging.AddAccount("meters");
messaging.AddAccount("declaring-meters");
messaging.AddAccount("mqtt-meters");

// Back up now, in the dashboard.
postgres.WithBackupCommand(messaging, script: "../deploy/backup.sh", folder: "../.data/backups");

// Encrypts the token keys in auth_db. It is generated once, like the servers' passwords.
var keyPassphrase = builder.AddGeneratedSecret("identity-key-passphrase");

var identity = builder.AddProject<Projects.EnergyAspire_Identity>(ResourceNames.Identity)
    .WithHttpEndpoint()
    .WithHttpHealthCheck("/health")
    .WithIconName("PersonKey")
    .WithReference(authDb).WaitFor(authDb)
    .WithBrokerAccount(messaging)
    .WithEnvironment("Identity__KeyPassphrase", keyPassphrase);

// The services fetch Identity's keys at the first token, so they need not wait for Identity at start.
var users = builder.AddProject<Projects.EnergyAspire_Users>(ResourceNames.Users)
    .WithHttpEndpoint()
    .WithHttpHealthCheck("/health")
    .WithIconName("People")
    .WithReference(userDb).WaitFor(userDb)
    .WithBrokerAccount(messaging)
    .WithReference(identity);

var devices = builder.AddProject<Projects.EnergyAspire_Devices>(ResourceNames.Devices)
    .WithHttpEndpoint()
    .WithHttpHealthCheck("/health")
    .WithIconName("PlugConnected")
    .WithReference(deviceDb).WaitFor(deviceDb)
    .WithBrokerAccount(messaging)
    .WithReference(identity);

var monitoring = builder.AddProject<Projects.EnergyAspire_Monitoring>(ResourceNames.Monitoring)
    .WithHttpEndpoint()
    .WithHttpHealthCheck("/health")
    .WithIconName("DataHistogram")
    .WithReference(monitoringDb).WaitFor(monitoringDb)
    .WithBrokerAccount(messaging)
    .WithReference(identity)
    .WithReference(devices);

// Identity runs sagas at Users and Devices; Devices and Monitoring rebuild their replicas from the sources.
identity.WithReference(users).WithReference(devices).WithReference(identity);
identity.AddServiceAccount(identity);
devices.WithRebuildCommand("/api/devices/users/rebuild", identity, devices.AddServiceAccount(identity));
monitoring.WithRebuildCommand("/api/monitoring/replicas/rebuild", identity, monitoring.AddServiceAccount(identity));

// The gateway answers requests to an unavailable service itself, so it need not wait for the services.
var gateway = builder.AddProject<Projects.EnergyAspire_Gateway>(ResourceNames.Gateway)
    .WithHttpEndpoint(port: builder.ExecutionContext.IsRunMode ? 8080 : null)
    .WithExternalHttpEndpoints()
    .WithHttpHealthCheck("/health")
    .WithIconName("Globe")
    .WithReference(identity)
    .WithReference(users)
    .WithReference(devices)
    .WithReference(monitoring);

// By Redis replicas of the gateway share sessions and rate limits. One gateway alone needs none.
if (builder.Configuration.GetValue("Cache", defaultValue: true))
    gateway.WithReference(builder.AddSharedCache(ResourceNames.Cache, port: 6380));

// Differences between a run on this machine and the published application.
IResourceBuilder<ProjectResource>[] services = [identity, users, devices, monitoring, gateway];
EndpointReference publicAddress;
if (builder.ExecutionContext.IsRunMode)
{
    gateway.WithUrlForEndpoint("http", url => url.DisplayText = "Web app")
        .WithUrlForEndpoint("http", _ => new ResourceUrlAnnotation { Url = "/api/docs", DisplayText = "API documents" });
    gateway.WithWebApp(builder.AddWebApp(ResourceNames.Web, "../web"));
    publicAddress = gateway.GetEndpoint("http");

    // The web app links to Aspire's dashboard for admins.
    if (builder.Configuration["ASPNETCORE_URLS"] is { } dashboard)
        gateway.WithEnvironment("Gateway__Dashboard", dashboard.Split(';')[0]);

    if (builder.Configuration.GetValue("Simulator", defaultValue: true))
    {
        builder.AddProject<Projects.EnergyAspire_Simulator>(ResourceNames.Simulator)
            .WithIconName("TopSpeed")
            .WithBrokerAccount(messaging)
            .WaitFor(monitoring);
    }

    foreach (var service in services)
        service.WithMetrics().WithReplicas(builder.Configuration.GetValue("Replicas", defaultValue: 1));
    builder.AddDoctor(postgres, [authDb, userDb, deviceDb, monitoringDb], messaging, services, publicAddress);
    if (builder.Configuration.GetValue("Prometheus", defaultValue: false))
        builder.AddPrometheus(ResourceNames.Prometheus, ResourceNames.Grafana, "../deploy", messaging, services);

    builder.StartBuiltPrograms();
    builder.ReportEndedResources();
}
else
{
    // The web app's files are in the gateway's image. The first admin is a parameter of the deployment; there is no default password.
    gateway.WithHttpsEndpoint().WithExternalHttpEndpoints();
    publicAddress = gateway.GetEndpoint("https");

    // A replica that is replaced accepts requests until the ingress sends them to others.
    foreach (var service in services)
        service.WithEnvironment("Drain__Time", "00:00:05");

    // The proxies of Azure Container Apps, which terminate TLS, have addresses in this reserved range.
    gateway.WithEnvironment("Gateway__TrustedProxies__0", "100.100.0.0/16");
    identity.WithEnvironment("Identity__FirstAdmin__Username", builder.AddParameter("first-admin-username"))
        .WithEnvironment("Identity__FirstAdmin__Password", builder.AddParameter("first-admin-password", secret: true));
}

// The issuer of tokens is the public address, which is the gateway's.
foreach (var service in services)
    service.WithEnvironment("Identity__Issuer", publicAddress);

builder.Build().Run();
