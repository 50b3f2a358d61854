using Microsoft.Net.Http.Headers;

namespace EnergyAspire.Gateway.Protection;

/// <summary>Keeps other sites from acting with a visitor's session.</summary>
public static class ForgeryProtection
{
    private const string Header = "X-CSRF";

    /// <summary>
    /// Demands, of requests that the session's cookie authenticates, the gateway's own Origin where one is sent, and the header
    /// <c>X-CSRF: 1</c>, which a form of another site can't send, on everything that changes state.
    /// </summary>
    public static IApplicationBuilder UseForgeryProtection(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        var reason = IsGuarded(context) ? Refusal(context.Request) : null;
        if (reason is null)
            await next(context);
        else
            await TypedResults.Problem(reason, statusCode: StatusCodes.Status400BadRequest).ExecuteAsync(context);
    });

    private static bool IsGuarded(HttpContext context)
    {
        var changesState = !(HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)
            || HttpMethods.IsOptions(context.Request.Method) || HttpMethods.IsTrace(context.Request.Method));
        var usesSession = context.User.Identity?.IsAuthenticated == true && !context.Request.Headers.ContainsKey(HeaderNames.Authorization);

        return (changesState && (usesSession || context.Request.Path.StartsWithSegments("/session")))
            || (context.WebSockets.IsWebSocketRequest && usesSession);
    }

    private static string? Refusal(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        if (origin.Length > 0 && !(Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Authority == request.Host.Value))
            return "The request comes from another site.";
        if (!HttpMethods.IsGet(request.Method) && request.Headers[Header] != "1")
            return $"Requests that change something with a session need the header {Header}: 1.";

        return null;
    }
}
