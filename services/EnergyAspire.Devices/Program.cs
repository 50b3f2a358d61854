using EnergyAspire.Api.Http;
using EnergyAspire.Api.OpenApi;
using EnergyAspire.Contracts;
using EnergyAspire.Devices;
using EnergyAspire.Devices.Data;
using EnergyAspire.Devices.Devices;
using EnergyAspire.Devices.Imports;
using EnergyAspire.Devices.Mappings;
using EnergyAspire.Devices.Tariffs;
using EnergyAspire.Devices.Users;
using EnergyAspire.Messaging.Inbox;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Authentication;

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();
builder.AddHttpDefaults();
builder.AddEnergyAuthentication();
builder.AddSite();
builder.AddDeviceData();
builder.AddUserReplicas();

builder.Services.AddOpenApi(options => options.DescribeService("EnergyAspire Devices"));

var app = builder.Build();

app.UseForwardedHeaders();
app.UseHttpDefaults();
app.UseAuthentication();
app.UseAuthorization();

app.MapDefaultEndpoints();
app.MapOpenApi().AllowAnonymous();
app.MapDevices();
app.MapDeviceChanges();
app.MapImport();
app.MapTariffs();
app.MapMappings();
app.MapMappingChanges();
app.MapUserRebuild();
app.MapUserSteps();
app.MapReplicaLists();
app.MapDeadLetters<DeviceDbContext>("/api/devices", Topology.DeviceSync);

app.Run();
