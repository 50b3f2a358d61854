var builder = DistributedApplication.CreateBuilder(args);

var database = builder.AddPostgres("postgres").AddDatabase("things", "things_db");

var api = builder.AddProject<Projects.EnergyAspire_StandIns_Sample>("api")
    .WithHttpEndpoint()
    .WithHttpHealthCheck("/health")
    .WithReplicas(2)
    .WithReference(database).WaitFor(database);

builder.AddProject<Projects.EnergyAspire_StandIns_Sample>("front")
    .WithHttpEndpoint(port: 18555)
    .WithHttpHealthCheck("/health")
    .WithReference(api).WaitFor(api);

builder.Build().Run();
