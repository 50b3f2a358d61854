using EnergyAspire.Gateway.Protection;
using EnergyAspire.Gateway.Routing;
using EnergyAspire.Gateway.Sessions;
using EnergyAspire.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();
builder.AddSessions();
builder.AddRateLimits();
builder.AddRoutes();

builder.Services.AddProblemDetails();
builder.Services.AddValidation();
builder.Services.AddOpenApi(options => options.DescribeService("EnergyAspire Gateway"));

var app = builder.Build();

app.UseExceptionHandler();
app.UseStatusCodePages();
app.UseSecurityHeaders();
app.UseAuthentication();
app.UseForgeryProtection();
app.UseRateLimiter();

app.MapDefaultEndpoints();
app.MapOpenApi();
app.MapApiDocs();
app.MapSession();
app.MapRoutes();
app.MapWebApp();

app.Run();
