using System.Security.Cryptography;
using System.Text;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dcp;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Dashboard;

/// <summary>Where the dashboard finds this application's resources.</summary>
internal sealed class ResourceServiceAddress(IConfiguration configuration)
{
    public int Port { get; } =
        !configuration.GetValue<bool>("DcpPublisher:RandomizePorts") && configuration["ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"] is { } url
            ? new Uri(url).Port
            : Ports.Random();

    public string Url => $"http://localhost:{Port}";
}

/// <summary>Serves the resource service to the dashboard, on a port of its own and by its own key.</summary>
internal sealed class ResourceServiceHost(ResourceServiceAddress address, IConfiguration configuration, IServiceProvider services) : IHostedService, IAsyncDisposable
{
    private WebApplication? _app;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var key = Encoding.UTF8.GetBytes(configuration["AppHost:ResourceService:ApiKey"]!);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(kestrel => kestrel.ListenLocalhost(address.Port, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(services.GetRequiredService<ResourceNotificationService>());
        builder.Services.AddSingleton(services.GetRequiredService<ResourceLoggerService>());
        builder.Services.AddSingleton(services.GetRequiredService<ResourceCommandService>());
        builder.Services.AddSingleton(new ResourceViews(
            configuration["AppHost:DashboardApplicationName"]!, services.GetRequiredService<ResourceNotificationService>(), services));

        _app = builder.Build();
        _app.Use(async (context, next) =>
        {
            if (CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(context.Request.Headers["x-resource-service-api-key"].ToString()), key))
                await next();
            else
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        });
        _app.MapGrpcService<ResourceService>();
        await _app.StartAsync(cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        // The dashboard's streams stay open until it ends, so nothing is gained by waiting for them.
        if (_app is not null)
            await _app.StopAsync(new CancellationToken(canceled: true));
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
    }
}

/// <summary>The dashboard's questions, answered.</summary>
internal sealed class ResourceService(
    ResourceNotificationService notifications, ResourceLoggerService logs, ResourceCommandService commands, ResourceViews views)
    : Wire.DashboardService.DashboardServiceBase
{
    public override Task<Wire.ApplicationAnswer> GetApplicationInformation(Wire.ApplicationRequest request, ServerCallContext context) =>
        Task.FromResult(new Wire.ApplicationAnswer { Name = views.ApplicationName });

    public override async Task WatchResources(Wire.WatchRequest request, IServerStreamWriter<Wire.WatchAnswer> answers, ServerCallContext context)
    {
        await answers.WriteAsync(new Wire.WatchAnswer { Everything = new Wire.Everything() }, context.CancellationToken);
        await foreach (var change in notifications.WatchAsync(context.CancellationToken))
        {
            var view = new Wire.Change { Upsert = views.Of(change) };
            await answers.WriteAsync(new Wire.WatchAnswer { Changes = new Wire.Changes { Changes_ = { view } } }, context.CancellationToken);
        }
    }

    public override async Task WatchResourceConsoleLogs(Wire.LogRequest request, IServerStreamWriter<Wire.LogAnswer> answers, ServerCallContext context)
    {
        if (!notifications.TryGetCurrentState(request.ResourceId, out var resource))
            return;
        var name = notifications.Ids(resource.Resource).Length > 1 ? request.ResourceId : resource.Resource.Name;
        if (request.SuppressFollow)
        {
            await answers.WriteAsync(Answer(logs.Known(name)), context.CancellationToken);
            return;
        }

        await foreach (var batch in logs.WatchAsync(name, context.CancellationToken))
            await answers.WriteAsync(Answer(batch), context.CancellationToken);
    }

    public override async Task<Wire.CommandAnswer> ExecuteResourceCommand(Wire.CommandRequest request, ServerCallContext context)
    {
        var result = await commands.ExecuteCommandAsync(request.ResourceId, request.CommandName, context.CancellationToken);
        var answer = new Wire.CommandAnswer
        {
            Outcome = result.Success ? Wire.CommandOutcome.Succeeded : result.Canceled ? Wire.CommandOutcome.Cancelled : Wire.CommandOutcome.Failed,
        };
        if (result.Message is not null)
            answer.Message = result.Message;
        return answer;
    }

    // No prompts are ever sent, but without the stream the dashboard's pages may not load.
    public override Task WatchInteractions(
        IAsyncStreamReader<Wire.InteractionRequest> requests, IServerStreamWriter<Wire.InteractionAnswer> answers, ServerCallContext context) =>
        context.CancellationToken.WhenCanceled();

    private static Wire.LogAnswer Answer(IReadOnlyList<LogLine> lines) => new()
    {
        Lines = { lines.Select(l => new Wire.LogLine { Text = l.Content, IsError = l.IsErrorMessage, Number = l.LineNumber }) },
    };
}
