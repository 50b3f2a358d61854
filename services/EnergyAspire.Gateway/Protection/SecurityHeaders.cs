namespace EnergyAspire.Gateway.Protection;

/// <summary>Headers that keep browsers from guessing content types, framing the app and telling other sites where people are.</summary>
public static class SecurityHeaders
{
    /// <summary>Adds them to every answer.</summary>
    public static IApplicationBuilder UseSecurityHeaders(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "same-origin";

        return next(context);
    });
}
