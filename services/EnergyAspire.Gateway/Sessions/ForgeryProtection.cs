namespace EnergyAspire.Gateway.Sessions;

/// <summary>
/// A browser adds the session cookie to whatever a page makes it send. So a request that changes something by a session needs a
/// header that only our own pages can add, and must not come from another origin; the same goes for opening a session. A socket can't
/// have the header, so it must come from our own origin.
/// </summary>
internal sealed class ForgeryProtection(RequestDelegate next, ILogger<ForgeryProtection> logger)
{
    private const string Header = "X-CSRF";

    public async Task InvokeAsync(HttpContext http)
    {
        var request = http.Request;
        var changes = !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method)
            && !HttpMethods.IsOptions(request.Method) && !HttpMethods.IsTrace(request.Method) && !HttpMethods.IsConnect(request.Method);
        // Reading a socket is reading, but browsers let any page open one.
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

    // Identity's pages, under /connect, know nothing of this session and protect their own forms.
    private static bool ActsBySession(HttpContext http) =>
        http.Request.Path.StartsWithSegments("/session")
        || (!http.Request.Path.StartsWithSegments("/connect") && http.User.Identity is { IsAuthenticated: true } && http.Request.Headers.Authorization.Count == 0);

    // The scheme isn't compared: TLS may end before the gateway.
    private static bool IsOwn(string origin, HttpRequest request) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase);
}
