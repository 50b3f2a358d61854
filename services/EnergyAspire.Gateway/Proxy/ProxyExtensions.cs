using EnergyAspire.Gateway.Sessions;
using EnergyAspire.Gateway.Web;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace EnergyAspire.Gateway.Proxy;

internal static class ProxyExtensions
{
    /// <summary>Adds the proxy with its routes.</summary>
    public static void AddProxy(this WebApplicationBuilder builder)
    {
        var routes = Routes.OfServices();
        if (!builder.Environment.HasBuiltWebApp())
            routes = routes.Append(Routes.OfWeb());

        builder.Services.AddReverseProxy()
            .LoadFromMemory([.. routes], [.. Routes.Clusters()])
            .AddServiceDiscoveryDestinationResolver()
            .AddTransforms(ReplaceHeaders);
    }

    /// <summary>Maps the routes to the services; what is under <c>/api</c> and nobody's is absent, not the web app's.</summary>
    public static void MapProxy(this WebApplication app)
    {
        app.MapReverseProxy();
        app.Map("/api/{**rest}", () => TypedResults.NotFound()).ExcludeFromDescription();
    }

    /// <summary>Answers for services that can't be reached, without telling where they are.</summary>
    public static void UseProxyFailures(this WebApplication app) => app.Use(async (http, next) =>
    {
        await next(http);

        // A socket that breaks off was answered long ago.
        if (http.GetForwarderErrorFeature() is { } failure && !http.RequestAborted.IsCancellationRequested
            && http.Response.StatusCode != StatusCodes.Status101SwitchingProtocols)
        {
            var service = http.GetReverseProxyFeature().Route.Config.ClusterId!;
            GatewayLog.ServiceUnreachable(app.Logger, service, failure.Error.ToString());
            await Problems.WriteAsync(http, Problems.ServiceAway(http.Response.StatusCode, service));
        }
    });

    private static void ReplaceHeaders(TransformBuilderContext context)
    {
        // Whatever a client says about itself is replaced by what the gateway sees.
        context.UseDefaultForwarders = false;
        context.AddRequestTransform(request =>
        {
            foreach (var header in request.ProxyRequest.Headers.Select(header => header.Key).Where(SpeaksOfTheClient).ToArray())
                request.ProxyRequest.Headers.Remove(header);
            SessionCookie.RemoveFrom(request.ProxyRequest);

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
