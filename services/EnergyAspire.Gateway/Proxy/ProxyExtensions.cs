using EnergyAspire.Api.Http;
using EnergyAspire.Gateway.Sessions;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace EnergyAspire.Gateway.Proxy;

internal static class ProxyExtensions
{
    /// <summary>Adds the proxy with its routes.</summary>
    public static void AddProxy(this WebApplicationBuilder builder) =>
        builder.Services.AddReverseProxy()
            .LoadFromMemory([.. Routes.OfServices()], [.. Routes.Clusters()])
            .AddServiceDiscoveryDestinationResolver()
            .AddTransforms(ReplaceHeaders);

    /// <summary>Answers requests whose service can't be reached, without revealing its address.</summary>
    public static void UseProxyFailures(this WebApplication app) => app.Use(async (http, next) =>
    {
        await next(http);

        if (http.GetForwarderErrorFeature() is { } failure && http.Features.Get<IReverseProxyFeature>() is { } proxied)
            await AnswerFailureAsync(http, app.Logger, proxied.Route.Config.ClusterId!, failure.Error);
    });

    /// <summary>
    /// Answers that a service can't be reached. Does nothing if the caller has disconnected, or if a WebSocket failed whose response has already
    /// been sent.
    /// </summary>
    public static async Task AnswerFailureAsync(HttpContext http, ILogger logger, string service, ForwarderError error)
    {
        if (http.RequestAborted.IsCancellationRequested || http.Response.StatusCode == StatusCodes.Status101SwitchingProtocols)
            return;

        GatewayLog.ServiceUnreachable(logger, service, error.ToString());
        await Problems.WriteAsync(http, Problems.ServiceAway(http.Response.StatusCode, service));
    }

    /// <summary>Replaces the forwarding headers of a client, and removes the session cookie from requests to services.</summary>
    public static void ReplaceHeaders(TransformBuilderContext context)
    {
        // Forwarding headers of the client can't be trusted, so they are replaced by the gateway's own.
        context.UseDefaultForwarders = false;
        context.AddRequestTransform(request =>
        {
            foreach (var header in request.ProxyRequest.Headers.Select(header => header.Key).Where(SpeaksOfTheClient).ToArray())
                request.ProxyRequest.Headers.Remove(header);
            SessionCookie.RemoveFrom(request.ProxyRequest);
            if (request.HttpContext.Features.Get<HeadRequest>() is not null)
                request.ProxyRequest.Method = HttpMethod.Head;

            return ValueTask.CompletedTask;
        });
        context.AddXForwarded(ForwardedTransformActions.Set);

        context.AddResponseHeaderRemove("Server", ResponseCondition.Always);
        context.AddResponseTransform(SessionTokenMiddleware.EndIfRefusedAsync);
    }

    private static bool SpeaksOfTheClient(string header) =>
        header.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase)
        || header.StartsWith("X-Original-", StringComparison.OrdinalIgnoreCase)
        || header.Equals("Forwarded", StringComparison.OrdinalIgnoreCase)
        || header.Equals("X-Real-IP", StringComparison.OrdinalIgnoreCase);
}
