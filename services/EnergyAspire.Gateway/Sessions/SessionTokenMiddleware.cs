using Microsoft.AspNetCore.Authentication;
using Yarp.ReverseProxy.Transforms;

namespace EnergyAspire.Gateway.Sessions;

/// <summary>Adds the access token of the session to a request to a service. A bearer token in the request takes precedence.</summary>
internal sealed class SessionTokenMiddleware(RequestDelegate next, SessionRenewal renewal, SessionSockets sockets)
{
    public async Task InvokeAsync(HttpContext http)
    {
        if (!http.Request.Path.StartsWithSegments("/api") || http.Request.Headers.Authorization.Count > 0
            || http.User.Identity is not { IsAuthenticated: true })
        {
            await next(http);
            return;
        }

        try
        {
            if (await renewal.CurrentAsync(http) is not { } current)
            {
                await Problems.WriteAsync(http, Problems.SessionEnded());
                return;
            }

            http.Request.Headers.Authorization = $"Bearer {current.Access}";
            http.Features.Set(current);
        }
        catch (IdentityUnreachableException)
        {
            await Problems.WriteAsync(http, Problems.ServiceAway(StatusCodes.Status503ServiceUnavailable, ServiceDefaults.ResourceNames.Identity));
            return;
        }

        using var socket = sockets.Track(http);
        await next(http);
    }

    /// <summary>Ends a session if a service answered 401 and Identity refuses the token too, for example after a change of role or password.</summary>
    public static async ValueTask EndIfRefusedAsync(ResponseTransformContext context)
    {
        var http = context.HttpContext;
        if (context.ProxyResponse?.StatusCode != System.Net.HttpStatusCode.Unauthorized || http.Features.Get<Session>() is not { } session)
            return;

        try
        {
            if ((await http.RequestServices.GetRequiredService<IdentityClient>().CheckAsync(session.Access, context.CancellationToken)).IsRefused)
                await http.SignOutAsync();
        }
        catch (IdentityUnreachableException)
        {
            // Identity can't be asked, so the session is kept.
        }
    }
}
