using EnergyAspire.Api.Http;
using EnergyAspire.Api.OpenApi;
using EnergyAspire.Gateway;
using EnergyAspire.Gateway.Docs;
using EnergyAspire.Gateway.Limits;
using EnergyAspire.Gateway.Proxy;
using EnergyAspire.Gateway.Sessions;
using EnergyAspire.Gateway.Shared;
using EnergyAspire.Gateway.Web;
using EnergyAspire.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();
builder.AddHttpDefaults();
builder.AddGatewayOptions();
builder.AddEdge();
builder.AddSharedCache();
builder.AddSessions();
builder.AddRateLimits();
builder.AddProxy();
builder.AddWebApp();

builder.Services.AddOpenApi(options => options.DescribeService("EnergyAspire Gateway").WithoutBearer());

var app = builder.Build();

app.UseForwardedHeaders();
app.UseSecurityHeaders();
app.UseApiVersions();
app.UseHttpDefaults();
app.UseEdge();
app.UseWebApp();
app.UseAuthentication();
app.UseRateLimiter();
app.UseForgeryProtection();
app.UseSessionTokens();
app.UseProxyFailures();

app.MapDefaultEndpoints();
app.MapSessions();
app.MapApiDocs();
app.MapReverseProxy();
app.UseWebPages();

app.Run();
