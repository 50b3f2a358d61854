using EnergyAspire.Monitoring.Alerts;
using EnergyAspire.Monitoring.Consumption;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Measurements;
using EnergyAspire.Monitoring.Readings;
using EnergyAspire.Monitoring.Replicas;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Authentication;

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();
builder.AddEnergyAuthentication();
builder.AddMonitoringData();
builder.AddReplicas();
builder.AddIngest();
builder.AddAlerts();

builder.Services.AddOpenApi(options => options.DescribeService("EnergyAspire Monitoring"));

var app = builder.Build();

app.UseForwardedHeaders();
app.UseExceptionHandler();
app.UseStatusCodePages();
app.UseAuthentication();
app.UseAuthorization();

app.MapDefaultEndpoints();
app.MapOpenApi().AllowAnonymous();
app.MapConsumption();
app.MapMeasurements();
app.MapReplicas();
app.MapReadings();
app.MapAlerts();

app.Run();
