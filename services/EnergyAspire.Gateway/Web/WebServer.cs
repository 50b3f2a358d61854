using System.Net.Mime;
using EnergyAspire.Gateway.Proxy;
using EnergyAspire.ServiceDefaults;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace EnergyAspire.Gateway.Web;

/// <summary>
/// Forwards to the web app's own server, which builds pages on demand in development. It isn't a route of the proxy: a route for every path
/// would match the API's paths too, and answer requests that should get 405.
/// </summary>
internal sealed class WebServer(IProxyStateLookup proxy, IHttpForwarder forwarder, ITransformBuilder transforms, ILogger<WebServer> logger)
{
    private readonly HttpTransformer _transformer = transforms.Create(context =>
    {
        ProxyExtensions.ReplaceHeaders(context);
        context.AddResponseTransform(RefuseMissingFileAsync);
    });

    /// <summary>Forwards a request without retries.</summary>
    public async Task ForwardAsync(HttpContext http)
    {
        if (!proxy.TryGetCluster(ResourceNames.Web, out var cluster) || cluster.DestinationsState.AvailableDestinations is not [var server, ..])
        {
            await Problems.WriteAsync(http, Problems.ServiceAway(StatusCodes.Status503ServiceUnavailable, ResourceNames.Web));
            return;
        }

        var error = await forwarder.SendAsync(
            http, server.Model.Config.Address, cluster.Model.HttpClient, cluster.Model.Config.HttpRequest ?? ForwarderRequestConfig.Empty, _transformer);
        if (error != ForwarderError.None)
            await ProxyExtensions.AnswerFailureAsync(http, logger, ResourceNames.Web, error);
    }

    /// <summary>Answers 404 for a missing file. The server would answer every unknown path with the app's page.</summary>
    private static ValueTask RefuseMissingFileAsync(ResponseTransformContext context)
    {
        var (request, answer) = (context.HttpContext.Request, context.ProxyResponse);
        if (WebPaths.IsFile(request.Path) && !request.Path.Value!.EndsWith(".html", StringComparison.Ordinal)
            && answer?.Content.Headers.ContentType?.MediaType == MediaTypeNames.Text.Html)
        {
            context.SuppressResponseBody = true;
            context.HttpContext.Response.Clear();
            context.HttpContext.Response.StatusCode = StatusCodes.Status404NotFound;
        }

        return ValueTask.CompletedTask;
    }
}
