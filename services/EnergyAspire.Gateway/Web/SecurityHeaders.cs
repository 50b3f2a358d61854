namespace EnergyAspire.Gateway.Web;

internal static class SecurityHeaders
{
    /// <summary>Adds headers to every response, including those of the services, that restrict content sniffing, referrers and framing.</summary>
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
                // Identity's pages set a stricter policy.
                if (headers.ContentSecurityPolicy.Count == 0)
                    headers.ContentSecurityPolicy = "frame-ancestors 'none'";

                return Task.CompletedTask;
            });

            return next(http);
        });
    }
}
