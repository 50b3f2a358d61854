using EnergyAspire.Api.Http;
using EnergyAspire.Api.OpenApi;
using EnergyAspire.Contracts;
using EnergyAspire.Messaging.Inbox;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Authentication;
using EnergyAspire.Users.Accounts;
using EnergyAspire.Users.Data;
using EnergyAspire.Users.Profiles;

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();
builder.AddHttpDefaults();
builder.AddEnergyAuthentication();
builder.AddUserData();
builder.AddAccounts();

builder.Services.RefuseUnknownFields();
builder.Services.AddOpenApi(options => options.DescribeService("EnergyAspire Users"));

var app = builder.Build();

app.UseForwardedHeaders();
app.UseHttpDefaults();
app.UseAuthentication();
app.UseAuthorization();

app.MapDefaultEndpoints();
app.MapOpenApi().AllowAnonymous();
app.MapProfiles();
app.MapProfileSteps();
app.MapDeadLetters<UserDbContext>("/api/users", Topology.UserSync);

app.Run();
