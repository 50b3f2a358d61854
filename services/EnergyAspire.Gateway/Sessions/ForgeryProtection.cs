namespace EnergyAspire.Gateway.Sessions;

/// <summary>
/// Protects sessions against cross-site request forgery. A browser adds the session cookie to every request, whichever page sends it. So a
/// request that changes something by a session, or opens one, needs a header that only pages of this origin can add, and must not come from
/// another origin. A WebSocket can't have the header, so its origin must be this one.
/// </summary>
internal sealed class ForgeryProtection(RequestDelegate next, ILogger<ForgeryProtection> logger)
{
    private const string Header = "X-CSRF";

    public async Task InvokeAsync(HttpContext http)
    {
        var request = http.Request;
        var changes = !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method)
            && !HttpMethods.IsOptions(request.Method) && !HttpMethods.IsTrace(request.Method) && !HttpMethods.IsConnect(request.Method);
        // Opening a WebSocket is a GET, but browsers allow it to pages of any origin.
        var opensSocket = HttpMethods.IsConnect(request.Method) || request.Headers.Upgrade.Count > 0;

        if ((changes || opensSocket) && ActsBySession(http))
        {
            var origin = request.Headers.Origin.ToString();
            if (origin.Length > 0 ? !IsOwn(origin, request) : opensSocket)
            {
                GatewayLog.Forged(logger, request.Method, request.Path, origin);
                await Problems.WriteAsync(
                    http, opensSocket ? StatusCodes.Status403Forbidden : StatusCodes.Status400BadRequest, "The request comes from another site.",
                    "A browser session only serves pages of its own origin.");
                return;
            }

            if (changes && request.Headers[Header] != "1")
            {
                await Problems.WriteAsync(
                    http, StatusCodes.Status400BadRequest, $"The header {Header} is missing.",
                    $"A request that changes something by a browser session needs the header {Header}: 1.");
                return;
            }
        }

        await next(http);
    }

    // Identity's pages under /connect don't use this session, and have their own antiforgery tokens.
    private static bool ActsBySession(HttpContext http) =>
        http.Request.Path.StartsWithSegments("/session")
        || (!http.Request.Path.StartsWithSegments("/connect") && http.User.Identity is { IsAuthenticated: true } && http.Request.Headers.Authorization.Count == 0);

    // The scheme isn't compared, because TLS may be terminated before the gateway.
    private static bool IsOwn(string origin, HttpRequest request) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase);
}
