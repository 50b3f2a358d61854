// An application of servers only, for the tests that kill it.
using EnergyAspire.Hosting;

var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { Args = args, DisableDashboard = true });

builder.AddDatabaseServer("postgres", port: 5434).AddServiceDatabase("things", "things_db", role: "things_service");
builder.AddBroker("messaging", port: 5674, managementPort: 15674);

builder.ReportEndedResources();
builder.Build().Run();
