// An application of servers only, for the tests that kill it.
using EnergyAspire.Hosting;

var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { Args = args, DisableDashboard = true });

builder.AddDatabaseServer("postgres", port: 25433);
builder.AddBroker("messaging", port: 25673, managementPort: 35673);

builder.ReportEndedResources();
builder.Build().Run();
