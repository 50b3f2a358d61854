using EnergyAspire.Api.Http;
using EnergyAspire.Api.OpenApi;
using EnergyAspire.Contracts;
using EnergyAspire.Data.Audit;
using EnergyAspire.Messaging.Inbox;
using EnergyAspire.Monitoring.Alerts;
using EnergyAspire.Monitoring.Consumption;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Forecasts;
using EnergyAspire.Monitoring.Ledger;
using EnergyAspire.Monitoring.Live;
using EnergyAspire.Monitoring.Measurements;
using EnergyAspire.Monitoring.Quarantine;
using EnergyAspire.Monitoring.Readings;
using EnergyAspire.Monitoring.Replicas;
using EnergyAspire.Monitoring.Statements;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Authentication;

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();
builder.AddHttpDefaults();
builder.AddEnergyAuthentication();
builder.AddMonitoringData();
builder.AddReplicas();
builder.AddIngest();
builder.AddQuarantine();
builder.AddLedger();
builder.AddAlerts();
builder.AddLive();
builder.Services.AddOpenApi(options => options.DescribeService("EnergyAspire Monitoring"));

var app = builder.Build();

app.UseForwardedHeaders();
app.UseHttpDefaults();
app.UseAuthentication();
app.UseAuthorization();

app.MapDefaultEndpoints();
app.MapOpenApi().AllowAnonymous();
app.MapConsumption();
app.MapBalance();
app.MapStatements();
app.MapForecasts();
app.MapMeasurements();
app.MapReplicas();
app.MapDeadLetters<MonitoringDbContext>("/api/monitoring", Topology.MonitoringSync);
app.MapQuarantine();
app.MapLedger();
app.MapAlerts();
app.MapAudit<MonitoringDbContext>("/api/monitoring/audit").WithTags("Audit");
app.MapLive();

app.Run();
