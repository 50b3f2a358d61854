namespace EnergyAspire.Gateway.Web;

internal static class SecurityHeaders
{
    /// <summary>Adds to every answer, also of the services, what keeps browsers from guessing types, telling addresses and framing pages.</summary>
    public static void UseSecurityHeaders(this WebApplication app)
    {
        if (!app.Environment.IsDevelopment())
            app.UseHsts();

        app.Use((http, next) =>
        {
            http.Response.OnStarting(() =>
            {
                var headers = http.Response.Headers;
                headers.XContentTypeOptions = "nosniff";
                headers["Referrer-Policy"] = "strict-origin-when-cross-origin";
                // Identity's pages have a stricter one.
                if (headers.ContentSecurityPolicy.Count == 0)
                    headers.ContentSecurityPolicy = "frame-ancestors 'none'";

                return Task.CompletedTask;
            });

            return next(http);
        });
    }
}
