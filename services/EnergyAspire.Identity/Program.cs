using EnergyAspire.Api.Http;
using EnergyAspire.Api.OpenApi;
using EnergyAspire.Data.Audit;
using EnergyAspire.Identity;
using EnergyAspire.Identity.Accounts;
using EnergyAspire.Identity.Data;
using EnergyAspire.Identity.Sagas;
using EnergyAspire.Identity.Tokens;
using EnergyAspire.Messaging;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Authentication;

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();
builder.AddHttpDefaults();
builder.AddIdentitySettings();
builder.AddAccountData();
builder.AddBroker(ResourceNames.Messaging);
builder.AddOutbox<AuthDbContext>();
builder.AddAccounts();
builder.AddTokens();
builder.AddEnergyAuthentication();

builder.Services.RefuseUnknownFields();
builder.Services.AddOpenApi(options => options.DescribeService("EnergyAspire Identity"));

var app = builder.Build();

app.UseForwardedHeaders();
app.UseHttpDefaults();
app.UseReadableForms();
app.UseSigningKeys();
app.UseAuthentication();
app.UseAuthorization();

app.MapDefaultEndpoints();
app.MapOpenApi().AllowAnonymous();
app.MapTokens();
app.MapAccounts();
app.MapSagas();
app.MapAudit<AuthDbContext>("/api/auth/audit").WithTags("Audit");

app.Run();
